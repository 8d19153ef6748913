//! S3 events: a notification of a bucket in the same template.

use super::super::build;
use super::super::{Context, tags};
use super::Event;
use crate::error::Result;
use crate::node::{Data, Map, Node};

pub(super) fn transform(context: &mut Context, event: &Event<'_>) -> Result<Map> {
    event.only(&[&["Bucket", "Events", "Filter"]])?;
    let bucket = event.required("Bucket")?;
    let kinds = event.required("Events")?;
    let bucket_id = match bucket.intrinsic() {
        Some(("Ref", id)) => id.as_str().filter(|id| context.resources.contains_key(*id)),
        _ => None,
    };
    let bucket_id = bucket_id.ok_or_else(|| {
        let message = "S3 events must reference an S3 bucket in the same template.";
        event.invalid(bucket.at, message)
    })?;
    let (id, permission) = event.permission("s3.amazonaws.com");
    let permission =
        permission.set("SourceAccount", build::reference(event.at, "AWS::AccountId")).finish();
    let condition = event.sam.resource.get("Condition").cloned();
    if let Some(Data::Map(resource)) =
        context.resources.get_mut(bucket_id).map(|node| &mut node.data)
    {
        match &condition {
            None => depend_on(resource, &id, event),
            Some(condition) => depend_by_tag(resource, &id, condition, event)?,
        }
        notify(resource, kinds, condition.as_ref(), event)?;
    }
    Ok(Map::from_iter([(id, permission)]))
}

/// The bucket is created after the permission, because S3 tests whether it may invoke the function.
fn depend_on(bucket: &mut Map, id: &str, event: &Event<'_>) {
    let mut items = match bucket.get("DependsOn") {
        None => Vec::new(),
        Some(node) => node.as_list().map_or_else(|| vec![node.clone()], <[Node]>::to_vec),
    };
    if !items.iter().any(|item| item.as_str() == Some(id)) {
        items.push(Node::text(event.at, id));
    }
    bucket.insert("DependsOn".to_owned(), Node::list(event.at, items));
}

/// `DependsOn` cannot have a condition; a tag that refers to the permission can.
fn depend_by_tag(bucket: &mut Map, id: &str, condition: &Node, event: &Event<'_>) -> Result<()> {
    let at = event.at;
    let branches = [condition.clone(), build::reference(at, id), Node::text(at, "no dependency")];
    let value = Node::map(at, [("Fn::If", Node::list(at, branches))]);
    let tag = Map::from_iter([(format!("sam:ConditionalDependsOn:{id}"), value)]);
    let Data::List(new) = tags::list(at, &tag).data else { return Ok(()) };
    let place = entry(properties(bucket, event)?, "Tags", Node::list(at, []));
    match &mut place.data {
        Data::List(items) => {
            items.extend(new);
            Ok(())
        }
        _ => Err(event.invalid(place.at, "Property 'Tags' should be a list.")),
    }
}

fn notify(
    bucket: &mut Map,
    kinds: &Node,
    condition: Option<&Node>,
    event: &Event<'_>,
) -> Result<()> {
    let at = event.at;
    let config =
        entry(properties(bucket, event)?, "NotificationConfiguration", Node::map(at, Map::new()));
    let config_at = config.at;
    let config = config.as_map_mut().ok_or_else(|| {
        event.invalid(config_at, "Property 'NotificationConfiguration' should be a map.")
    })?;
    let list = entry(config, "LambdaConfigurations", Node::list(at, []));
    let Data::List(items) = &mut list.data else {
        return Err(
            event.invalid(list.at, "Invalid type for LambdaConfigurations. Must be a list.")
        );
    };
    for kind in kinds.as_list().unwrap_or(std::slice::from_ref(kinds)) {
        let mut map = Map::new();
        map.insert("Function".to_owned(), event.target.arn(at));
        map.extend(event.get("Filter").map(|filter| ("Filter".to_owned(), filter.clone())));
        map.insert("Event".to_owned(), kind.clone());
        let mut notification = Node::map(kind.at, map);
        if let Some(condition) = condition {
            let none = build::reference(at, "AWS::NoValue");
            let branches = [condition.clone(), notification, none];
            notification = Node::map(at, [("Fn::If", Node::list(at, branches))]);
        }
        if !items.iter().any(|item| item.same(&notification)) {
            items.push(notification);
        }
    }
    Ok(())
}

fn properties<'b>(bucket: &'b mut Map, event: &Event<'_>) -> Result<&'b mut Map> {
    let place = entry(bucket, "Properties", Node::map(event.at, Map::new()));
    let at = place.at;
    place.as_map_mut().ok_or_else(|| event.invalid(at, "Properties should be a map."))
}

fn entry<'m>(map: &'m mut Map, name: &str, default: Node) -> &'m mut Node {
    map.entry(name.to_owned()).or_insert(default)
}
