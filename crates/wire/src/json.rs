//! JSON 1.0 and 1.1: the members are the body.

use crate::tree::serialization;
use serde_json::Value;
use service::Fault;

/// The members of a request; an empty body is an empty structure.
pub(crate) fn decode(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(body)
        .map_err(|error| serialization(&format!("The request body is not valid JSON: {error}")))
}
