//! The requests that are sent.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::subject::Subject;
use crate::http::template::{Expected, Template};

/// A signed call, which must be answered with its own number.
pub(super) fn hello(host: &str, subject: Subject, number: usize) -> Result<Template> {
    let (input, expected) = named(number);
    invoke(host, subject, &input, Expected::Document(expected))
}

/// So many of them.
pub(super) fn hellos(host: &str, subject: Subject, count: usize) -> Result<Vec<Template>> {
    (0..count).map(|number| hello(host, subject, number)).collect()
}

/// The same, to a function that sleeps first, and says which instance it is.
pub(super) fn sleeping(
    host: &str,
    subject: Subject,
    number: usize,
    seconds: u64,
) -> Result<Template> {
    let (mut input, expected) = named(number);
    input["sleep"] = json!(seconds);
    let members = expected.as_object().cloned().unwrap_or_else(Map::new);
    invoke(host, subject, &input, Expected::Members(members, &["instance"]))
}

/// An event and its answer.
pub(super) fn named(number: usize) -> (Value, Value) {
    let name = format!("caller {number}");
    (json!({"name": name}), json!({"hello": name}))
}

fn invoke(host: &str, subject: Subject, input: &Value, expected: Expected) -> Result<Template> {
    let headers = [("content-type", "application/json")];
    Template::new(("lambda", host, subject.path()), &headers, input, expected)
}
