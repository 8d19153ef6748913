//! Whether buckets may be open to everyone ("Blocking public access to your Amazon S3 storage").

use crate::settings::Setting;
use kv::Record;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What of public access is blocked. ACLs are off anyway, so that the two members about them only
/// tell back what was said.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(crate) struct PublicAccessBlock {
    block_public_acls: bool,
    ignore_public_acls: bool,
    /// A policy that opens the bucket is not taken.
    pub(crate) block_public_policy: bool,
    /// A policy that opens the bucket counts for nobody from outside.
    pub(crate) restrict_public_buckets: bool,
}

/// The configuration of a bucket: everything is blocked unless it was said otherwise, as on every
/// bucket since April 2023.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PublicAccess {
    /// `None` once it was removed: nothing is blocked.
    pub(crate) block: Option<PublicAccessBlock>,
}

impl Default for PublicAccess {
    fn default() -> Self {
        let block = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        Self { block: Some(block) }
    }
}

impl Record for PublicAccess {
    const VERSION: u8 = 1;
}

impl Setting for PublicAccess {
    const NAME: &'static str = "public_access";
}

/// Condition keys whose fixed values make a statement about everyone one about a few.
const NARROWING: [&str; 13] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];
/// Operators under which a fixed value narrows.
const POSITIVE: [&str; 6] =
    ["stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"];
/// Bits of a network's prefix below which its addresses are too many to be a few.
const PREFIX_BITS: (u8, u8) = (8, 32);

/// Whether a bucket policy opens the bucket to everyone ("The meaning of public"): a statement
/// allows something to every principal, and no condition holds it to fixed values.
pub(crate) fn is_public(policy: &str) -> bool {
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    items(&document["Statement"]).iter().any(|statement| {
        statement["Effect"] == "Allow"
            && is_everyone(&statement["Principal"])
            && !statement["Condition"].as_object().is_some_and(is_narrow)
    })
}

/// One value or the items of a list.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn is_everyone(principal: &Value) -> bool {
    *principal == "*" || items(&principal["AWS"]).iter().any(|named| named == "*")
}

/// Conditions are all to hold, so that one with fixed values is enough.
fn is_narrow(conditions: &Map<String, Value>) -> bool {
    let keys = conditions.iter().filter_map(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        POSITIVE.contains(&operator.as_str()).then(|| keys.as_object())?
    });
    keys.flatten().any(|(key, values)| {
        let key = key.to_ascii_lowercase();
        let is_few = |value: &Value| value.as_str().is_some_and(|text| is_fixed(&key, text));
        NARROWING.contains(&key.as_str())
            && !items(values).is_empty()
            && items(values).iter().all(is_few)
    })
}

fn is_fixed(key: &str, value: &str) -> bool {
    match key {
        "aws:sourceip" => is_small_network(value),
        // Every session of one role.
        "aws:userid" => !value.strip_suffix(":*").unwrap_or(value).contains(['*', '?', '$']),
        _ => !value.contains(['*', '?']) && !value.contains("${"),
    }
}

fn is_small_network(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, bits.parse::<u8>().ok()),
        None => (text, Some(u8::MAX)),
    };
    match (address.parse(), bits) {
        (Ok(std::net::IpAddr::V4(_)), Some(bits)) => bits >= PREFIX_BITS.0,
        (Ok(std::net::IpAddr::V6(_)), Some(bits)) => bits >= PREFIX_BITS.1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn public(principal: &Value, condition: &Value) -> bool {
        let mut statement = json!({"Effect": "Allow", "Principal": principal,
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*"});
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        is_public(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    #[test]
    fn only_what_names_everyone_is_public() {
        assert!(public(&json!("*"), &Value::Null));
        assert!(public(&json!({"AWS": ["arn:aws:iam::000000000000:root", "*"]}), &Value::Null));
        assert!(!public(&json!({"AWS": "000000000000"}), &Value::Null));
        assert!(!public(&json!({"Service": "logging.s3.amazonaws.com"}), &Value::Null));
        let denied = json!({"Statement": {"Effect": "Deny", "Principal": "*"}});
        assert!(!is_public(&denied.to_string()));
    }

    #[test]
    fn a_condition_with_fixed_values_keeps_everyone_out() {
        for (condition, expected) in [
            (json!({"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}), false),
            (json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}), true),
            (json!({"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-${aws:x}"]}}), true),
            (json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}), true),
            (json!({"StringEquals": {"s3:prefix": "a"}}), true),
            (json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.1"]}}), false),
            (json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}), true),
            (json!({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}), false),
            (json!({"Bool": {"aws:SecureTransport": "true"}}), true),
        ] {
            assert_eq!(public(&json!("*"), &condition), expected, "{condition}");
        }
    }
}
