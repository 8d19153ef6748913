//! Helpers of the tests.

use crate::value::{Item, Value};

/// An item from DynamoDB's JSON.
pub(crate) fn item(json: serde_json::Value) -> Item {
    serde_json::from_value(json).unwrap()
}

/// A value from DynamoDB's JSON.
pub(crate) fn value(json: serde_json::Value) -> Value {
    serde_json::from_value(json).unwrap()
}
