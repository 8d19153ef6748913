//! Values as templates write them: numbers and truth values may be texts.

use serde_json::{Map, Value};
use service::{Fault, ResourceContext};

/// A number that may be written as a text.
pub(super) fn number(value: &Value) -> Value {
    let parsed = value.as_str().and_then(|text| text.trim().parse::<u64>().ok());
    parsed.map_or_else(|| value.clone(), Value::from)
}

/// A truth value that may be written as a text.
pub(super) fn boolean(value: &Value) -> Value {
    match value.as_str() {
        Some("true" | "True") => Value::Bool(true),
        Some("false" | "False") => Value::Bool(false),
        _ => value.clone(),
    }
}

/// A text that may be written as a number or a truth value.
pub(super) fn text(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        other => other.clone(),
    }
}

/// A structure with `change` applied to some of its members.
pub(super) fn members(value: &Value, names: &[&str], change: fn(&Value) -> Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let member = |(name, value): (&String, &Value)| {
        let value = if names.contains(&name.as_str()) { change(value) } else { value.clone() };
        (name.clone(), value)
    };
    members.iter().map(member).collect::<Map<_, _>>().into()
}

/// Copies the properties that are there, each as `change` makes it.
pub(super) fn copy(
    from: &Map<String, Value>,
    to: &mut Value,
    names: &[&str],
    change: fn(&Value) -> Value,
) {
    for name in names {
        if let Some(value) = from.get(*name) {
            to[*name] = change(value);
        }
    }
}

/// The fault of a creation that finds something which this resource did not make.
pub(super) fn exists(kind: &str, identifier: &str) -> Fault {
    let text = format!("Resource of type '{kind}' with identifier '{identifier}' already exists.");
    Fault::sender("AlreadyExists", text).status(409)
}

/// Whether a creation that met a conflict has met what an earlier run of it made. What was there
/// at its first run is somebody else's.
pub(super) fn is_own(cx: &ResourceContext, fault: &Fault) -> bool {
    fault.code() == "ResourceConflictException" && cx.step.again
}

/// The fault of a creation, with the code of stacks for what exists.
pub(super) fn conflict(fault: Fault, kind: &str, identifier: &Value) -> Fault {
    match fault.code() {
        "ResourceConflictException" => exists(kind, identifier.as_str().unwrap_or_default()),
        _ => fault,
    }
}

/// A resource that is gone is deleted.
pub(super) fn gone_is_deleted(result: Result<Value, Fault>) -> Result<(), Fault> {
    match result {
        Err(fault) if fault.code() != "ResourceNotFoundException" => Err(fault),
        _ => Ok(()),
    }
}
