//! What a bucket policy must be beside a policy.

use super::Bucket;
use crate::{Error, config};
use policy::{Document, DocumentKind};
use serde_json::Value;

/// The answer of a bucket without a policy.
pub(crate) fn no_policy() -> Error {
    Error::NoSuchConfiguration("NoSuchBucketPolicy", "The bucket policy does not exist")
}

/// Checks a policy that is to be the bucket's.
pub(crate) fn check_policy(bucket: &Bucket, text: &str) -> Result<(), Error> {
    let refuse = |text: &str| Err(Error::MalformedPolicy(text.to_owned()));
    if !text.trim_start().starts_with('{') {
        let text = "Policies must be valid JSON and the first byte must be '{'";
        return Err(Error::MalformedPolicy(text.to_owned()));
    }
    let document = Document::parse(text, DocumentKind::Resource)
        .map_err(|error| Error::MalformedPolicy(error.to_string()))?;
    if document.size() > config::POLICY_BYTES {
        return refuse(&format!(
            "Normalized policy document exceeds the maximum allowed size of {} bytes.",
            config::POLICY_BYTES
        ));
    }
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    for statement in items(&json["Statement"]) {
        let is_ours = |resource: &str| {
            let rest = resource.strip_prefix(&bucket.arn());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == "*")
        };
        if !texts(statement, "Resource").all(is_ours) {
            return refuse("Policy has invalid resource");
        }
        let is_action = |action: &str| action == "*" || action.starts_with("s3:");
        if !texts(statement, "Action").all(is_action) {
            return refuse("Policy has invalid action");
        }
    }
    Ok(())
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// The texts of an element or of its `Not` form.
fn texts<'v>(statement: &'v Value, name: &str) -> impl Iterator<Item = &'v str> {
    let either = statement.get(name).or_else(|| statement.get(format!("Not{name}")));
    either.map(items).unwrap_or_default().iter().filter_map(Value::as_str)
}
