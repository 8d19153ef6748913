//! What these tests share.

use serde_json::{Value, json};
use service::{Definition, Platform};
use std::sync::Arc;
use testkit::Bed;

pub(crate) const MASTER_KEY: [u8; 32] = [7; 32];

pub(crate) fn secrets(_: &Arc<Platform>) -> Vec<Definition> {
    secrets::definitions(&MASTER_KEY)
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:ssm:{}:{}:parameter{name}", testkit::REGION, testkit::ACCOUNT)
}

pub(crate) async fn ok(bed: &Bed, operation: &str, input: Value) -> Value {
    bed.ok("ssm", operation, input).await
}

/// The code of a refusal.
pub(crate) async fn code(bed: &Bed, operation: &str, input: Value) -> String {
    bed.fault("ssm", operation, input).await.0
}

/// Makes a parameter of the type `String`.
pub(crate) async fn put(bed: &Bed, name: &str, value: &str) {
    ok(bed, "PutParameter", json!({"Name": name, "Value": value, "Type": "String"})).await;
}

/// Makes a new version of a parameter.
pub(crate) async fn change(bed: &Bed, name: &str, value: &str) -> Value {
    let input = json!({"Name": name, "Value": value, "Overwrite": true});
    ok(bed, "PutParameter", input).await["Version"].clone()
}

/// A parameter as `GetParameter` shows it.
pub(crate) async fn get(bed: &Bed, name: &str) -> Value {
    ok(bed, "GetParameter", json!({"Name": name})).await["Parameter"].clone()
}

/// The names in a list of parameters.
pub(crate) fn names(answer: &Value) -> Vec<&str> {
    let parameters = answer["Parameters"].as_array().unwrap();
    parameters.iter().map(|parameter| parameter["Name"].as_str().unwrap()).collect()
}
