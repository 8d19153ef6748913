//! The policy of a form that a browser posts ("Creating a POST policy"): until when it is good, what
//! its fields must be, and how large its file.

use crate::Error;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{collections::BTreeMap, ops::RangeInclusive};
use types::Timestamp;

/// A policy that is read.
#[derive(Debug)]
pub(crate) struct PostPolicy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
    /// Bytes that the file may have.
    pub(crate) length: Option<RangeInclusive<u64>>,
}

#[derive(Debug)]
struct Condition {
    is_prefix: bool,
    /// In lower case.
    field: String,
    value: String,
}

/// Fields that no condition need name: what signs, and what is signed.
const FREE: [&str; 5] = ["awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"];
/// Fields that are nobody's.
const IGNORED: &str = "x-ignore-";
/// The field whose text may be a list, each item of which must begin as the condition says.
const LISTED: &str = "content-type";

fn invalid(why: &str) -> Error {
    Error::InvalidPolicyDocument(format!("Invalid Policy: {why}"))
}

fn refused(why: &str) -> Error {
    Error::PolicyRefused(format!("Invalid according to Policy: {why}"))
}

impl PostPolicy {
    /// Reads the field `policy`.
    pub(crate) fn read(field: &str) -> Result<Self, Error> {
        let bytes = STANDARD.decode(field.trim()).map_err(|_| invalid("Invalid Base64."))?;
        let document: Value =
            serde_json::from_slice(&bytes).map_err(|_| invalid("Invalid JSON."))?;
        let expiration = document.get("expiration").and_then(Value::as_str);
        let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration."))?;
        let bad_end = || invalid(&format!("Invalid 'expiration' value: '{expiration}'"));
        let expiration = Timestamp::parse_iso8601(expiration).ok_or_else(bad_end)?;
        let conditions = document.get("conditions").and_then(Value::as_array);
        let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions."))?;
        let mut policy = Self { expiration, conditions: Vec::new(), length: None };
        for condition in conditions {
            policy
                .add(condition)
                .ok_or_else(|| invalid(&format!("Invalid Simple-Condition: {condition}")))?;
        }
        Ok(policy)
    }

    fn add(&mut self, condition: &Value) -> Option<()> {
        if let Value::Object(members) = condition {
            for (field, value) in members {
                self.push(false, field, value)?;
            }
            return Some(());
        }
        let [operator, first, second] = condition.as_array()?.as_slice() else { return None };
        match operator.as_str()?.to_ascii_lowercase().as_str() {
            "content-length-range" => {
                let range = number(first)?..=number(second)?;
                self.length = Some(range);
                Some(())
            }
            "eq" => self.push(false, first.as_str()?.strip_prefix('$')?, second),
            "starts-with" => self.push(true, first.as_str()?.strip_prefix('$')?, second),
            _ => None,
        }
    }

    fn push(&mut self, is_prefix: bool, field: &str, value: &Value) -> Option<()> {
        let (field, value) = (field.to_ascii_lowercase(), value.as_str()?.to_owned());
        self.conditions.push(Condition { is_prefix, field, value });
        Some(())
    }

    /// Checks the fields of a form, of which `bucket` is one that nobody need write.
    pub(crate) fn check(
        &self,
        fields: &BTreeMap<String, String>,
        bucket: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.expiration < now {
            return Err(refused("Policy expired."));
        }
        let is_named = |name: &str| self.conditions.iter().any(|known| known.field == name);
        let is_free = |name: &str| FREE.contains(&name) || name.starts_with(IGNORED);
        for condition in &self.conditions {
            let field = condition.field.as_str();
            let text = fields.get(field).map(String::as_str);
            let text = if field == "bucket" { Some(bucket) } else { text };
            if !condition.holds(text.unwrap_or_default()) {
                return Err(refused(&format!("Policy Condition failed: {}", condition.text())));
            }
        }
        let names = fields.keys().map(String::as_str).chain(["bucket"]);
        let extra: Vec<&str> = names.filter(|name| !is_free(name) && !is_named(name)).collect();
        match extra.is_empty() {
            true => Ok(()),
            false => Err(refused(&format!("Extra input fields: {}", extra.join(", ")))),
        }
    }
}

/// A number, which some clients write as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

impl Condition {
    fn holds(&self, text: &str) -> bool {
        match self.is_prefix {
            false => text == self.value,
            true if self.field == LISTED => {
                text.split(',').all(|item| item.trim().starts_with(&self.value))
            }
            true => text.starts_with(&self.value),
        }
    }

    /// As the official answer writes it.
    fn text(&self) -> String {
        let operator = if self.is_prefix { "starts-with" } else { "eq" };
        let [operator, field, value] =
            [operator.to_owned(), format!("${}", self.field), self.value.clone()]
                .map(|text| json!(text).to_string());
        format!("[{operator}, {field}, {value}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(document: &Value) -> Result<PostPolicy, Error> {
        PostPolicy::read(&STANDARD.encode(document.to_string()))
    }

    fn check(conditions: Value, fields: &[(&str, &str)]) -> Option<String> {
        let document = json!({"expiration": "2027-01-15T08:00:00Z", "conditions": conditions});
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let now = Timestamp::from_secs(1_800_000_000);
        policy(&document).unwrap().check(&fields, "photos", now).err().map(|e| e.to_string())
    }

    #[test]
    fn every_field_must_be_as_a_condition_says() {
        let conditions = json!([{"bucket": "photos"}, ["starts-with", "$key", "user/"],
            ["eq", "$x-amz-meta-a", "1"], ["starts-with", "$Content-Type", "image/"],
            ["content-length-range", 1, "10"]]);
        let good = [
            ("key", "user/a"),
            ("x-amz-meta-a", "1"),
            ("content-type", "image/png,image/jpeg"),
            ("policy", "x"),
            ("x-amz-signature", "x"),
            ("x-ignore-me", "x"),
        ];
        assert_eq!(check(conditions.clone(), &good), None);
        let mut other = good;
        other[0].1 = "else/a";
        let text = "Invalid according to Policy: Policy Condition failed: \
                    [\"starts-with\", \"$key\", \"user/\"]";
        assert_eq!(check(conditions.clone(), &other).as_deref(), Some(text));
        let more = [&good[..], &[("acl", "private")]].concat();
        let text = "Invalid according to Policy: Extra input fields: acl";
        assert_eq!(check(conditions, &more).as_deref(), Some(text));
        let text = "Invalid according to Policy: Extra input fields: bucket";
        assert_eq!(check(json!([{"key": "a"}]), &[("key", "a")]).as_deref(), Some(text));
    }

    #[test]
    fn a_policy_that_has_ended_or_is_none_is_refused() {
        let document = json!({"expiration": "2020-01-01T00:00:00Z", "conditions": []});
        let now = Timestamp::from_secs(1_800_000_000);
        let ended = policy(&document).unwrap().check(&BTreeMap::new(), "b", now).unwrap_err();
        assert_eq!(ended.to_string(), "Invalid according to Policy: Policy expired.");
        assert!(PostPolicy::read("???").is_err());
        for bad in [
            json!({}),
            json!({"expiration": "soon", "conditions": []}),
            json!({"expiration": "2020-01-01T00:00:00Z"}),
            json!({"expiration": "2020-01-01T00:00:00Z", "conditions": [["like", "$key", "a"]]}),
            json!({"expiration": "2020-01-01T00:00:00Z", "conditions": [["eq", "key", "a"]]}),
        ] {
            assert!(policy(&bad).is_err(), "{bad}");
        }
    }
}
