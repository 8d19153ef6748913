//! The CloudFormation resource type of parameters: `AWS::SSM::Parameter`.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};
use std::sync::Arc;
use types::Tags;

/// All of them.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![Arc::new(Parameter)]
}

/// `AWS::SSM::Parameter`. `Ref` is the parameter's name.
pub(crate) struct Parameter;

const PROPERTIES: [Property; 8] = [
    Property { name: "AllowedPattern", change: InPlace },
    Property { name: "DataType", change: InPlace },
    Property { name: "Description", change: InPlace },
    Property { name: "Name", change: Replace },
    Property { name: "Tags", change: InPlace },
    Property { name: "Tier", change: InPlace },
    Property { name: "Type", change: InPlace },
    Property { name: "Value", change: InPlace },
];

/// A scalar as its text: templates write numbers as either.
fn text(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        other => other.clone(),
    }
}

/// The tags of the stack and of the resource, which has them as a map.
fn tags(cx: &ResourceContext, properties: &Map<String, Value>) -> Tags {
    let mut tags = cx.tags(None);
    let own = properties.get("Tags").and_then(Value::as_object);
    for (key, value) in own.into_iter().flatten() {
        let value = text(value);
        tags.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
    }
    tags.extend(cx.marks());
    tags
}

fn list(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// The request that makes it, or a new version. What left the template goes back to its default.
fn input(name: &str, properties: &Map<String, Value>) -> Value {
    let mut input = json!({"Name": name, "AllowedPattern": "", "Description": ""});
    for member in ["AllowedPattern", "DataType", "Description", "Tier", "Type", "Value"] {
        if let Some(value) = properties.get(member) {
            input[member] = text(value);
        }
    }
    input
}

fn resource(name: &str, properties: &Map<String, Value>) -> Resource {
    let attribute = |name: &str| {
        let value = properties.get(name).map_or(Value::Null, text);
        (name.to_owned(), value)
    };
    let attributes = Map::from_iter([attribute("Type"), attribute("Value")]);
    Resource { physical_id: name.to_owned(), attributes }
}

fn of(name: &str) -> Value {
    json!({"ResourceType": "Parameter", "ResourceId": name})
}

/// The tags that the parameter has.
async fn present(cx: &ResourceContext, name: &str) -> Result<Tags, Fault> {
    let answer = cx.call("ssm", "ListTagsForResource", of(name)).await?;
    let tag = |tag: &Value| Some((tag["Key"].as_str()?.into(), tag["Value"].as_str()?.into()));
    Ok(answer["TagList"].as_array().into_iter().flatten().filter_map(tag).collect())
}

/// Compares the tags with what there is, so that a step that runs again finds its own traces.
async fn retag(cx: &ResourceContext, name: &str, wanted: &Tags) -> Result<(), Fault> {
    let present = present(cx, name).await?;
    let gone: Vec<&String> = present.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !gone.is_empty() {
        let mut input = of(name);
        input["TagKeys"] = json!(gone);
        cx.call("ssm", "RemoveTagsFromResource", input).await?;
    }
    if wanted.iter().any(|(key, value)| present.get(key) != Some(value)) {
        let mut input = of(name);
        input["Tags"] = list(wanted).into();
        cx.call("ssm", "AddTagsToResource", input).await?;
    }
    Ok(())
}

async fn create(cx: &ResourceContext, desired: Desired<'_>) -> Result<Resource, Fault> {
    let name = desired.properties.get("Name").and_then(Value::as_str);
    let name = name.unwrap_or(desired.generated_name);
    let mut input = input(name, desired.properties);
    input["Tags"] = list(&tags(cx, desired.properties)).into();
    match cx.call("ssm", "PutParameter", input).await {
        Err(fault) if fault.code() == "ParameterAlreadyExists" => {
            // An earlier run of this step made it, or it is somebody else's.
            let tags = present(cx, name).await?;
            if !cx.made(|name| tags.get(name).map(String::as_str)) {
                return Err(fault);
            }
        }
        Err(fault) => return Err(fault),
        Ok(_) => {}
    }
    Ok(resource(name, desired.properties))
}

async fn update(
    cx: &ResourceContext,
    name: &str,
    before: &Map<String, Value>,
    desired: Desired<'_>,
) -> Result<Resource, Fault> {
    let (was, wanted) = (input(name, before), input(name, desired.properties));
    if was != wanted {
        let mut input = wanted;
        input["Overwrite"] = true.into();
        cx.call("ssm", "PutParameter", input).await?;
    }
    retag(cx, name, &tags(cx, desired.properties)).await?;
    Ok(resource(name, desired.properties))
}

impl ResourceProvider for Parameter {
    fn resource_type(&self) -> &'static str {
        "AWS::SSM::Parameter"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Type", "Value"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        let refuse = |path: &str, message: &str| {
            Err(PropertyError { path: path.to_owned(), message: message.to_owned() })
        };
        match properties.get("Type").and_then(Value::as_str) {
            None | Some("String" | "StringList") => {}
            Some(_) => {
                return refuse(
                    "Type",
                    "A template makes parameters of the types String and \
                                       StringList only.",
                );
            }
        }
        match properties.get("DataType").and_then(Value::as_str) {
            None | Some("text") => Ok(()),
            Some(_) => refuse("DataType", "Pileus does not support data types other than text."),
        }
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(create(cx, desired))
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(update(cx, physical_id, before, desired))
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match cx.call("ssm", "DeleteParameter", json!({"Name": physical_id})).await {
                Err(fault) if fault.code() != "ParameterNotFound" => Err(fault),
                _ => Ok(()),
            }
        })
    }
}
