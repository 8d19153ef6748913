//! `AWS::Serverless::LayerVersion`: a layer version whose logical id changes with its properties.

use serde_json::{Map as JsonMap, Value};

use super::build::Build;
use super::{Context, Sam, function, hash};
use crate::error::Result;
use crate::node::{Map, Node};

const KIND: &str = "AWS::Serverless::LayerVersion";
const PROPERTIES: [&str; 8] = [
    "LayerName",
    "Description",
    "PublishLambdaVersion",
    "ContentUri",
    "CompatibleArchitectures",
    "CompatibleRuntimes",
    "LicenseInfo",
    "RetentionPolicy",
];

pub(super) fn transform(context: &mut Context, sam: &Sam<'_>) -> Result<Map> {
    sam.only(KIND, &PROPERTIES, &["PublishLambdaVersion"])?;
    let mut properties = sam.properties.clone();
    for name in ["LayerName", "LicenseInfo", "Description", "RetentionPolicy"] {
        if let Some(node) = properties.get_mut(name) {
            *node = context.resolved(node);
        }
    }
    let new = format!("{}{}", sam.id, hash::suffix(&hashed(sam, &properties)));
    let content = properties
        .get("ContentUri")
        .ok_or_else(|| sam.invalid(sam.at, "Missing required property 'ContentUri'."))?;
    let mut layer = Build::new(sam, "AWS::Lambda::LayerVersion")
        .set("Content", function::location(sam, content, "ContentUri")?)
        .text("LayerName", sam.id)
        .copy(
            &properties,
            &[
                "LayerName",
                "Description",
                "CompatibleArchitectures",
                "CompatibleRuntimes",
                "LicenseInfo",
            ],
        );
    layer = match retention(sam, properties.get("RetentionPolicy"))? {
        Some(policy) => layer.attribute("DeletionPolicy", Node::text(sam.at, policy)),
        None if sam.resource.get("DeletionPolicy").is_some() => layer,
        None => layer.attribute("DeletionPolicy", Node::text(sam.at, "Retain")),
    };
    if let Some(depends_on) = sam.resource.get("DependsOn") {
        layer = layer.attribute("DependsOn", depends_on.clone());
    }
    context.renamed.insert(sam.id.to_owned(), new.clone());
    Ok(Map::from_iter([(new, layer.finish())]))
}

/// What the logical id depends on.
fn hashed(sam: &Sam<'_>, properties: &Map) -> Value {
    let mut resource = JsonMap::new();
    resource.insert("Type".to_owned(), Value::from(KIND));
    for name in ["DependsOn", "Condition"] {
        resource.extend(sam.resource.get(name).map(|node| (name.to_owned(), node.to_json())));
    }
    resource.insert("Properties".to_owned(), Node::map(sam.at, properties.clone()).to_json());
    Value::Object(JsonMap::from_iter([(sam.id.to_owned(), Value::Object(resource))]))
}

fn retention(sam: &Sam<'_>, node: Option<&Node>) -> Result<Option<&'static str>> {
    let Some(node) = node else { return Ok(None) };
    match node.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("retain") => Ok(Some("Retain")),
        Some("delete") => Ok(Some("Delete")),
        _ => {
            let message =
                "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].";
            Err(sam.invalid(node.at, message))
        }
    }
}
