//! `AWS::Serverless::SimpleTable`: a table with a partition key.

use serde_json::json;

use super::build::Build;
use super::{Sam, tags};
use crate::error::Result;
use crate::node::{Map, Node};

const PROPERTIES: [&str; 6] = [
    "PointInTimeRecoverySpecification",
    "PrimaryKey",
    "ProvisionedThroughput",
    "TableName",
    "Tags",
    "SSESpecification",
];

pub(super) fn transform(sam: &Sam<'_>) -> Result<Map> {
    sam.only("AWS::Serverless::SimpleTable", &PROPERTIES, &[])?;
    let (name, kind) = key(sam)?;
    let definition = Node::map(sam.at, [("AttributeName", name.clone()), ("AttributeType", kind)]);
    let schema =
        Node::map(sam.at, [("AttributeName", name), ("KeyType", Node::text(sam.at, "HASH"))]);
    let mut table = Build::main(sam, "AWS::DynamoDB::Table")
        .set("AttributeDefinitions", Node::list(sam.at, [definition]))
        .set("KeySchema", Node::list(sam.at, [schema]));
    for name in ["PointInTimeRecoverySpecification", "SSESpecification", "TableName"] {
        table = table.maybe(name, sam.filled(name));
    }
    table = match sam.filled("ProvisionedThroughput") {
        Some(throughput) => table.set("ProvisionedThroughput", throughput.clone()),
        None => table.json("BillingMode", &json!("PAY_PER_REQUEST")),
    };
    if let Some(own) = sam.map("Tags")? {
        table = table.set("Tags", tags::list(sam.at, own));
    }
    Ok(Map::from_iter([(sam.id.to_owned(), table.finish())]))
}

/// The name and the type letter of the partition key.
fn key(sam: &Sam<'_>) -> Result<(Node, Node)> {
    let Some(key) = sam.filled("PrimaryKey") else {
        return Ok((Node::text(sam.at, "id"), Node::text(sam.at, "S")));
    };
    let member = |name: &str| {
        key.get(name).ok_or_else(|| {
            sam.invalid(key.at, format!("Property 'PrimaryKey.{name}' is required."))
        })
    };
    let kind = member("Type")?;
    let letter = match kind.as_str() {
        Some("String") => "S",
        Some("Number") => "N",
        Some("Binary") => "B",
        _ => {
            let text = kind.scalar_text().unwrap_or_default();
            return Err(sam.invalid(kind.at, format!("Invalid 'Type' \"{text}\".")));
        }
    };
    Ok((member("Name")?.clone(), Node::text(kind.at, letter)))
}
