//! Tags: SAM's maps to CloudFormation's lists.

use super::Sam;
use crate::error::{Position, Result};
use crate::node::{Data, Map, Node};

const RESERVED: [&str; 3] =
    ["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"];

/// `[{Key, Value}, ...]`
pub(super) fn list(at: Position, tags: &Map) -> Node {
    let tag = |(key, value): (&String, &Node)| {
        let value = if value.data == Data::Null { Node::text(value.at, "") } else { value.clone() };
        Node::map(value.at, [("Key", Node::text(value.at, key.clone())), ("Value", value)])
    };
    Node::list(at, tags.iter().map(tag))
}

/// The tag of every function and role that SAM makes, and the resource's own.
pub(super) fn with_sam_tag(sam: &Sam<'_>) -> Result<Node> {
    let mut tags = Map::new();
    tags.insert(RESERVED[0].to_owned(), Node::text(sam.at, "SAM"));
    let own = sam.map("Tags")?;
    for (key, value) in own.into_iter().flatten() {
        if RESERVED.contains(&key.as_str()) {
            let message = format!(
                "{key} is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input."
            );
            return Err(sam.invalid(value.at, message));
        }
        tags.insert(key.clone(), value.clone());
    }
    Ok(list(sam.at, &tags))
}

/// With `PropagateTags`, gives the resource's tags to all generated resources that can have some.
pub(super) fn propagate(sam: &Sam<'_>, resources: &mut Map) -> Result<()> {
    let wanted = match sam.get("PropagateTags") {
        None => false,
        Some(node) => node
            .as_bool()
            .ok_or_else(|| sam.invalid(node.at, "Property 'PropagateTags' should be a boolean."))?,
    };
    let Some(tags) = sam.map("Tags")?.filter(|_| wanted) else { return Ok(()) };
    const TAGGED: [&str; 5] = [
        "AWS::Lambda::Function",
        "AWS::IAM::Role",
        "AWS::SQS::Queue",
        "AWS::SNS::Topic",
        "AWS::S3::Bucket",
    ];
    for resource in resources.values_mut() {
        let kind = resource.get("Type").and_then(Node::as_str).unwrap_or_default();
        if !TAGGED.contains(&kind) {
            continue;
        }
        let tags = list(sam.at, tags);
        if let Some(properties) = resource
            .as_map_mut()
            .and_then(|map| map.get_mut("Properties"))
            .and_then(Node::as_map_mut)
        {
            properties.insert("Tags".to_owned(), tags);
        }
    }
    Ok(())
}
