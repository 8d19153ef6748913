//! The properties of `AWS::DynamoDB::Table`. Templates may write numbers and flags as texts.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use service::{Fault, PropertyError};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TableProperties {
    pub(super) table_name: Option<String>,
    pub(super) key_schema: Vec<KeyElement>,
    pub(super) attribute_definitions: Vec<AttributeDefinition>,
    billing_mode: Option<String>,
    provisioned_throughput: Option<Throughput>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) deletion_protection_enabled: bool,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct KeyElement {
    attribute_name: String,
    key_type: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AttributeDefinition {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Throughput {
    #[serde(deserialize_with = "number")]
    read_capacity_units: u64,
    #[serde(deserialize_with = "number")]
    write_capacity_units: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(deserialize_with = "text")]
    pub(super) value: String,
}

impl TableProperties {
    /// Reads the properties when every reference is resolved.
    pub(super) fn read(properties: &Map<String, Value>) -> Result<Self, Fault> {
        serde_json::from_value(Value::Object(properties.clone()))
            .map_err(|error| Fault::sender("ValidationError", format!("{}: {error}", super::TYPE)))
    }

    /// Billing as the operations take it.
    pub(super) fn settings(&self) -> Map<String, Value> {
        let mut settings = Map::new();
        settings.insert("BillingMode".to_owned(), self.billing_mode().into());
        if let Some(throughput) = &self.provisioned_throughput {
            settings.insert("ProvisionedThroughput".to_owned(), json!(throughput));
        }
        settings
    }

    fn billing_mode(&self) -> &str {
        self.billing_mode.as_deref().unwrap_or("PROVISIONED")
    }

    /// Whether a table, as it is described, is billed otherwise.
    pub(super) fn billing_differs(&self, table: &Value) -> bool {
        let present = table["BillingModeSummary"]["BillingMode"].as_str();
        if present.unwrap_or("PROVISIONED") != self.billing_mode() {
            return true;
        }
        let units = &table["ProvisionedThroughput"];
        self.provisioned_throughput.as_ref().is_some_and(|wanted| {
            units["ReadCapacityUnits"] != wanted.read_capacity_units
                || units["WriteCapacityUnits"] != wanted.write_capacity_units
        })
    }
}

/// Finds what the list of properties can not say. References may be unresolved, so what is absent
/// is not missing.
pub(super) fn check(properties: &Map<String, Value>) -> Result<(), PropertyError> {
    let unsupported = |path: String| {
        let message = format!("Pileus does not support {path} of {} with this value.", super::TYPE);
        Err(PropertyError { path, message })
    };
    let off = [
        ("ContributorInsightsSpecification", "Enabled"),
        ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
        ("SSESpecification", "SSEEnabled"),
        ("TimeToLiveSpecification", "Enabled"),
    ];
    for (property, member) in off {
        let value = properties.get(property).and_then(|value| value.get(member));
        if value.is_some_and(|value| !is_false(value)) {
            return unsupported(format!("{property}.{member}"));
        }
    }
    for property in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let list = properties.get(property).and_then(Value::as_array);
        if list.is_some_and(|list| !list.is_empty()) {
            return unsupported(property.to_owned());
        }
    }
    match properties.get("TableClass").and_then(Value::as_str) {
        None | Some("STANDARD") => Ok(()),
        Some(_) => unsupported("TableClass".to_owned()),
    }
}

fn is_false(value: &Value) -> bool {
    value == false || value == "false"
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Ok(flag),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(serde::de::Error::custom(format!("{other} is neither true nor false"))),
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = match &value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    number.ok_or_else(|| serde::de::Error::custom(format!("{value} is not a number")))
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        other @ (Value::Number(_) | Value::Bool(_)) => Ok(other.to_string()),
        other => Err(serde::de::Error::custom(format!("{other} is not a text"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_not_there_can_be_asked_for_only_by_its_default() {
        for default in [
            json!({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": "false"}}),
            json!({"SSESpecification": {"SSEEnabled": false}, "TableClass": "STANDARD"}),
            json!({"TimeToLiveSpecification": {"Enabled": false, "AttributeName": "t"}}),
            json!({"GlobalSecondaryIndexes": [], "LocalSecondaryIndexes": []}),
        ] {
            assert_eq!(check(&properties(&default)), Ok(()));
        }
        for (other, path) in [
            (json!({"SSESpecification": {"SSEEnabled": "true"}}), "SSESpecification.SSEEnabled"),
            (
                json!({"TimeToLiveSpecification": {"Enabled": true}}),
                "TimeToLiveSpecification.Enabled",
            ),
            (json!({"GlobalSecondaryIndexes": [{}]}), "GlobalSecondaryIndexes"),
            (json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"}), "TableClass"),
        ] {
            assert_eq!(check(&properties(&other)).unwrap_err().path, path);
        }
    }

    #[test]
    fn numbers_and_flags_may_be_texts() {
        let read = TableProperties::read(&properties(&json!({
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
            "ProvisionedThroughput": {"ReadCapacityUnits": "5", "WriteCapacityUnits": 6},
            "DeletionProtectionEnabled": "true",
            "Tags": [{"Key": "cost", "Value": 7}],
        })));
        let read = read.unwrap();
        assert!(read.deletion_protection_enabled);
        assert_eq!(read.tags[0].value, "7");
        let table = json!({"ProvisionedThroughput":
            {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}});
        assert!(!read.billing_differs(&table));
        assert!(read.billing_differs(&json!({"BillingModeSummary":
            {"BillingMode": "PAY_PER_REQUEST"}})));
    }
}
