//! The constraints of single values.

use crate::{
    shape::{Shape, ShapeType},
    tree::mismatch,
};
use serde_json::Value;
use service::{Constraint, Fault};

impl Shape {
    /// True if a text of this shape can break anything.
    pub(crate) fn is_constrained(&self) -> bool {
        self.min.is_some()
            || self.max.is_some()
            || self.pattern.is_some()
            || !self.values.is_empty()
    }
}

/// The constraint that a value breaks, if it breaks one.
///
/// # Errors
/// The value is of another type.
pub(crate) fn scalar(shape: &Shape, value: &Value) -> Result<Option<Constraint>, Fault> {
    match (shape.kind, value) {
        (ShapeType::String | ShapeType::Character, Value::String(text)) => Ok(string(shape, text)),
        (ShapeType::Blob, Value::String(text)) => Ok(length(shape, decoded_length(text))),
        (ShapeType::Boolean, Value::Bool(_)) => Ok(None),
        (ShapeType::Timestamp, Value::Number(_)) => Ok(None),
        (ShapeType::Timestamp, Value::String(_)) => Ok(None),
        (
            ShapeType::Integer | ShapeType::Long | ShapeType::Short | ShapeType::Byte,
            Value::Number(number),
        ) if number.is_i64() || number.is_u64() => {
            Ok(number.as_f64().and_then(|number| range(shape, number)))
        }
        (ShapeType::Float | ShapeType::Double, Value::Number(number)) => {
            Ok(number.as_f64().and_then(|number| range(shape, number)))
        }
        (kind, value) => Err(mismatch(type_name(kind), value)),
    }
}

/// The length constraint that is broken, if one is.
pub(crate) fn length(shape: &Shape, length: u64) -> Option<Constraint> {
    let bound = |limit: Option<f64>| limit.map(|limit| limit as u64);
    match (bound(shape.min), bound(shape.max)) {
        (Some(min), _) if length < min => Some(Constraint::MinLength(min)),
        (_, Some(max)) if length > max => Some(Constraint::MaxLength(max)),
        _ => None,
    }
}

fn string(shape: &Shape, text: &str) -> Option<Constraint> {
    if !shape.values.is_empty() && !shape.values.iter().any(|value| value == text) {
        return Some(Constraint::Enum(shape.values.clone()));
    }
    if shape.min.is_some() || shape.max.is_some() {
        let broken = length(shape, text.chars().count() as u64);
        if broken.is_some() {
            return broken;
        }
    }
    let regex = shape.regex()?;
    (!regex.is_match(text)).then(|| Constraint::Pattern(shape.pattern.clone().unwrap_or_default()))
}

fn range(shape: &Shape, number: f64) -> Option<Constraint> {
    match (shape.min, shape.max) {
        (Some(min), _) if number < min => Some(Constraint::MinValue(min)),
        (_, Some(max)) if number > max => Some(Constraint::MaxValue(max)),
        _ => None,
    }
}

/// The number of bytes that base64 text stands for, without decoding it.
fn decoded_length(text: &str) -> u64 {
    let padding = text.bytes().rev().take(2).take_while(|b| *b == b'=').count() as u64;
    (text.len() as u64 / 4 * 3).saturating_sub(padding)
}

fn type_name(kind: ShapeType) -> &'static str {
    match kind {
        ShapeType::Structure => "structure",
        ShapeType::List => "list",
        ShapeType::Map => "map",
        ShapeType::String | ShapeType::Character => "String",
        ShapeType::Integer | ShapeType::Short | ShapeType::Byte => "Integer",
        ShapeType::Long => "Long",
        ShapeType::Float => "Float",
        ShapeType::Double => "Double",
        ShapeType::Boolean => "Boolean",
        ShapeType::Timestamp => "Timestamp",
        ShapeType::Blob => "Blob",
    }
}
