//! `LifecycleConfiguration` of a template, as the document of S3's own operation.

use super::documents::{items, number, renamed};
use serde_json::{Value, json};

fn flag(value: &Value) -> Value {
    Value::Bool(*value == true || *value == "true")
}

/// A date, which the operation takes in seconds.
fn date(value: &Value) -> Value {
    let at = value.as_str().and_then(types::Timestamp::parse_iso8601);
    at.map_or_else(|| value.clone(), |at| at.as_secs().into())
}

/// The member of that name, made of what is there; none if nothing is.
fn grouped(rule: &mut Value, name: &str, members: Value) {
    if members.as_object().is_some_and(|members| !members.is_empty()) {
        rule[name] = members;
    }
}

fn rule(given: &Value) -> Value {
    let mut rule =
        renamed(given, &[("Id", "ID", Value::clone), ("Status", "Status", Value::clone)]);
    let and = renamed(
        given,
        &[
            ("Prefix", "Prefix", Value::clone),
            ("TagFilters", "Tags", Value::clone),
            ("ObjectSizeGreaterThan", "ObjectSizeGreaterThan", number),
            ("ObjectSizeLessThan", "ObjectSizeLessThan", number),
        ],
    );
    rule["Filter"] = json!({"And": and});
    let expiration = renamed(
        given,
        &[
            ("ExpirationInDays", "Days", number),
            ("ExpirationDate", "Date", date),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker", flag),
        ],
    );
    grouped(&mut rule, "Expiration", expiration);
    let mut noncurrent =
        renamed(given, &[("NoncurrentVersionExpirationInDays", "NoncurrentDays", number)]);
    if let Some(given) = given.get("NoncurrentVersionExpiration") {
        let names = ["NoncurrentDays", "NewerNoncurrentVersions"];
        noncurrent = renamed(given, &names.map(|name| (name, name, number as fn(&Value) -> Value)));
    }
    grouped(&mut rule, "NoncurrentVersionExpiration", noncurrent);
    if let Some(abort) = given.get("AbortIncompleteMultipartUpload") {
        let days = [("DaysAfterInitiation", "DaysAfterInitiation", number as fn(&Value) -> Value)];
        grouped(&mut rule, "AbortIncompleteMultipartUpload", renamed(abort, &days));
    }
    rule
}

/// The document of a property's value.
pub(crate) fn document(value: &Value) -> Value {
    json!({"Rules": items(&value["Rules"]).iter().map(rule).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_a_template_becomes_a_rule_of_the_operation() {
        let given = json!({"Rules": {"Id": "a", "Status": "Enabled", "Prefix": "tmp/",
            "ExpirationInDays": "7", "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}});
        let expected = json!({"Rules": [{"ID": "a", "Status": "Enabled",
            "Filter": {"And": {"Prefix": "tmp/"}}, "Expiration": {"Days": 7},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}]});
        assert_eq!(document(&given), expected);
    }
}
