//! The CloudFormation resource type of logs: `AWS::Logs::LogGroup`.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};
use std::sync::Arc;

/// All of them.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![Arc::new(LogGroup)]
}

/// `AWS::Logs::LogGroup`. `Ref` is the group's name.
pub(crate) struct LogGroup;

const PROPERTIES: [Property; 3] = [
    Property { name: "LogGroupName", change: Replace },
    Property { name: "RetentionInDays", change: InPlace },
    Property { name: "Tags", change: InPlace },
];

fn resource(cx: &ResourceContext, name: &str) -> Resource {
    let arn = format!("{}:*", crate::model::group_arn(&cx.account, &cx.region, name));
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), arn.into());
    Resource { physical_id: name.to_owned(), attributes }
}

async fn is_marked(cx: &ResourceContext, name: &str) -> Result<bool, Fault> {
    let arn = crate::model::group_arn(&cx.account, &cx.region, name);
    let answer = cx.call("logs", "ListTagsForResource", json!({ "resourceArn": arn })).await?;
    Ok(cx.made(|name| answer["tags"][name].as_str()))
}

async fn set_retention(
    cx: &ResourceContext,
    name: &str,
    properties: &Map<String, Value>,
) -> Result<(), Fault> {
    let input = match properties.get("RetentionInDays") {
        // Templates write numbers as either.
        Some(Value::String(days)) => match days.parse::<i64>() {
            Ok(days) => json!({ "logGroupName": name, "retentionInDays": days }),
            Err(_) => json!({ "logGroupName": name, "retentionInDays": days }),
        },
        Some(days) => json!({ "logGroupName": name, "retentionInDays": days }),
        None => {
            let input = json!({ "logGroupName": name });
            return cx.call("logs", "DeleteRetentionPolicy", input).await.map(drop);
        }
    };
    cx.call("logs", "PutRetentionPolicy", input).await.map(drop)
}

/// Adds the tags that are wanted and removes those that only `before` had.
async fn retag(
    cx: &ResourceContext,
    name: &str,
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    let arn = crate::model::group_arn(&cx.account, &cx.region, name);
    let (before, wanted) = (cx.tags(before.get("Tags")), cx.tags(wanted.get("Tags")));
    let gone: Vec<&String> = before.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !gone.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": gone });
        cx.call("logs", "UntagResource", input).await?;
    }
    if before != wanted && !wanted.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": wanted });
        cx.call("logs", "TagResource", input).await?;
    }
    Ok(())
}

impl ResourceProvider for LogGroup {
    fn resource_type(&self) -> &'static str {
        "AWS::Logs::LogGroup"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let given = desired.properties.get("LogGroupName").and_then(Value::as_str);
            let name = given.unwrap_or(desired.generated_name);
            let mut tags = cx.tags(desired.properties.get("Tags"));
            tags.extend(cx.marks());
            let input = json!({ "logGroupName": name, "tags": tags });
            match cx.call("logs", "CreateLogGroup", input).await {
                Err(fault) if fault.code() == "ResourceAlreadyExistsException" => {
                    // An earlier run of this step made it, or it is somebody else's.
                    if !is_marked(cx, name).await? {
                        return Err(fault);
                    }
                }
                Err(fault) => return Err(fault),
                Ok(_) => {}
            }
            if desired.properties.contains_key("RetentionInDays") {
                let set = set_retention(cx, name, desired.properties).await;
                set.map_err(|fault| fault.leaving(name))?;
            }
            Ok(resource(cx, name))
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            if before.get("RetentionInDays") != desired.properties.get("RetentionInDays") {
                set_retention(cx, physical_id, desired.properties).await?;
            }
            retag(cx, physical_id, before, desired.properties).await?;
            Ok(resource(cx, physical_id))
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match cx.call("logs", "DeleteLogGroup", json!({ "logGroupName": physical_id })).await {
                Err(fault) if fault.code() != "ResourceNotFoundException" => Err(fault),
                _ => Ok(()),
            }
        })
    }
}
