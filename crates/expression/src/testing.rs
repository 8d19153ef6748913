//! Helpers of the tests.

use crate::{Bindings, value::Item};

/// An item from DynamoDB's JSON.
pub(crate) fn item(json: serde_json::Value) -> Item {
    serde_json::from_value(json).unwrap()
}

/// Bindings from the JSON of the two request parameters, which may be null.
pub(crate) fn bindings(names: serde_json::Value, values: serde_json::Value) -> Bindings {
    Bindings::new(serde_json::from_value(names).unwrap(), serde_json::from_value(values).unwrap())
        .unwrap()
}
