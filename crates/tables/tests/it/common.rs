//! What these tests share.

use serde_json::{Value, json};
use service::{Definition, Platform};
use std::sync::Arc;
use testkit::Bed;

pub(crate) fn services(platform: &Arc<Platform>) -> Vec<Definition> {
    vec![tables::definition(platform)]
}

/// Asks for an operation that must succeed.
pub(crate) async fn ok(bed: &Bed, operation: &str, input: Value) -> Value {
    bed.ok("dynamodb", operation, input).await
}

/// Code and message of an operation that must fail.
pub(crate) async fn fault(bed: &Bed, operation: &str, input: Value) -> (String, String) {
    bed.fault("dynamodb", operation, input).await
}

/// The message of an operation that must be refused with a `ValidationException`.
pub(crate) async fn invalid(bed: &Bed, operation: &str, input: Value) -> String {
    let (code, message) = fault(bed, operation, input.clone()).await;
    assert_eq!(code, "ValidationException", "{operation} {input}: {message}");
    message
}

/// The name of a parameter that must be refused because Pileus does not have it.
pub(crate) async fn unsupported(bed: &Bed, operation: &str, input: Value) -> String {
    let (code, message) = fault(bed, operation, input).await;
    assert_eq!(code, "UnsupportedOperation", "{message}");
    let parameter = message
        .strip_prefix("Pileus does not support parameter ")
        .and_then(|rest| rest.strip_suffix(&format!(" of {operation}.")));
    parameter.expect("the name of a parameter").to_owned()
}

/// Creates a table with the partition key `p` (text), billed by request.
pub(crate) async fn create_plain(bed: &Bed, name: &str) {
    let input = json!({
        "TableName": name,
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    ok(bed, "CreateTable", input).await;
}

/// Creates a table with the partition key `p` (text) and a sort key `s` of the type.
pub(crate) async fn create_sorted(bed: &Bed, name: &str, sort: &str) {
    let input = json!({
        "TableName": name,
        "KeySchema": [
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": sort},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    });
    ok(bed, "CreateTable", input).await;
}

pub(crate) async fn put(bed: &Bed, table: &str, item: Value) {
    ok(bed, "PutItem", json!({"TableName": table, "Item": item})).await;
}

/// The item under the partition key `p` of a plain table, or null.
pub(crate) async fn get(bed: &Bed, table: &str, p: &str) -> Value {
    let input = json!({"TableName": table, "Key": {"p": {"S": p}}});
    ok(bed, "GetItem", input).await["Item"].clone()
}

/// The texts of one attribute of the items of a page, numbers too.
pub(crate) fn texts(page: &Value, attribute: &str) -> Vec<String> {
    let items = page["Items"].as_array().expect("items");
    let text = |item: &Value| {
        let value = &item[attribute];
        value["S"].as_str().or(value["N"].as_str()).unwrap_or("-").to_owned()
    };
    items.iter().map(text).collect()
}

/// A text of so many bytes.
pub(crate) fn long(bytes: usize) -> String {
    "x".repeat(bytes)
}
