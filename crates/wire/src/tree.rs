//! Checks a tree of members against its shape.

use crate::{
    constraint,
    model::Model,
    shape::{Shape, ShapeRef, ShapeType},
};
use serde_json::Value;
use service::{Constraint, Fault, Violation};

/// Members may be nested this deep; the deepest official limit is 32 levels of table attributes,
/// each of which is two levels of members.
const MAX_DEPTH: usize = 100;

/// Drops members that the model does not know, refuses values of another type, and gathers the
/// constraints that are broken.
pub(crate) fn check(
    model: &Model,
    reference: &ShapeRef,
    value: &mut Value,
) -> Result<Vec<Violation>, Fault> {
    let mut walk = Walk { model, path: Vec::new(), violations: Vec::new() };
    walk.visit(reference, value)?;
    Ok(walk.violations)
}

struct Walk<'a> {
    model: &'a Model,
    path: Vec<Step<'a>>,
    violations: Vec<Violation>,
}

#[derive(Clone)]
enum Step<'a> {
    Member(&'a str),
    Index(usize),
    Key(String),
}

impl<'a> Walk<'a> {
    fn visit(&mut self, reference: &ShapeRef, value: &mut Value) -> Result<(), Fault> {
        if self.path.len() > MAX_DEPTH {
            return Err(serialization("The input is nested too deeply"));
        }
        let model = self.model;
        let Some(shape) = model.shape(reference) else {
            return Err(Fault::internal(format!("the model has no shape {}", reference.shape)));
        };
        match shape.kind {
            ShapeType::Structure => self.structure(shape, value),
            ShapeType::List => self.list(shape, value),
            ShapeType::Map => self.map(shape, value),
            _ => self.scalar(shape, value),
        }
    }

    fn structure(&mut self, shape: &'a Shape, value: &mut Value) -> Result<(), Fault> {
        let Value::Object(object) = value else {
            return Err(mismatch("structure", value));
        };
        object.retain(|name, value| !value.is_null() && shape.members.contains_key(name));
        for name in &shape.required {
            if !object.contains_key(name) {
                self.path.push(Step::Member(name));
                self.violate(None, Constraint::Required);
                self.path.pop();
            }
        }
        for (name, value) in object {
            if let Some((name, member)) = shape.members.get_key_value(name) {
                self.path.push(Step::Member(name));
                self.visit(member, value)?;
                self.path.pop();
            }
        }
        Ok(())
    }

    fn list(&mut self, shape: &'a Shape, value: &mut Value) -> Result<(), Fault> {
        let Value::Array(elements) = value else {
            return Err(mismatch("list", value));
        };
        self.length(shape, elements.len() as u64, || "[]".to_owned());
        let Some(member) = &shape.member else { return Ok(()) };
        for (index, element) in elements.iter_mut().enumerate() {
            self.path.push(Step::Index(index + 1));
            self.visit(member, element)?;
            self.path.pop();
        }
        Ok(())
    }

    fn map(&mut self, shape: &'a Shape, value: &mut Value) -> Result<(), Fault> {
        let Value::Object(entries) = value else {
            return Err(mismatch("map", value));
        };
        entries.retain(|_, value| !value.is_null());
        self.length(shape, entries.len() as u64, || "{}".to_owned());
        let (Some(key_ref), Some(value_ref)) = (&shape.key, &shape.value) else { return Ok(()) };
        let plain_keys = self.model.shape(key_ref).is_none_or(|key| !key.is_constrained());
        for (key, value) in entries {
            self.path.push(Step::Key(key.clone()));
            if !plain_keys {
                self.visit(key_ref, &mut Value::String(key.clone()))?;
            }
            self.visit(value_ref, value)?;
            self.path.pop();
        }
        Ok(())
    }

    fn scalar(&mut self, shape: &'a Shape, value: &mut Value) -> Result<(), Fault> {
        let broken = constraint::scalar(shape, value)?;
        if let Some(constraint) = broken {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            self.violate(Some(text), constraint);
        }
        Ok(())
    }

    fn length(&mut self, shape: &Shape, length: u64, text: impl Fn() -> String) {
        if let Some(constraint) = constraint::length(shape, length) {
            self.violate(Some(text()), constraint);
        }
    }

    fn violate(&mut self, value: Option<String>, constraint: Constraint) {
        let member = self.path.iter().rev().find_map(|step| match step {
            Step::Member(name) => Some((*name).to_owned()),
            _ => None,
        });
        self.violations.push(Violation {
            path: path_text(&self.path),
            member: member.unwrap_or_default(),
            value,
            constraint,
        });
    }
}

/// `entries.1.member.id`: names begin in lower case, list positions count from one.
fn path_text(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        if !text.is_empty() {
            text.push('.');
        }
        match step {
            Step::Member(name) => {
                let mut chars = name.chars();
                text.extend(chars.next().map(|c| c.to_ascii_lowercase()));
                text.push_str(chars.as_str());
            }
            Step::Index(index) => text.push_str(&format!("{index}.member")),
            Step::Key(key) => text.push_str(&format!("{key}.member")),
        }
    }
    text
}

/// A value of another type than the model's.
pub(crate) fn mismatch(expected: &str, value: &Value) -> Fault {
    serialization(&match value {
        Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => "Start of list found where not expected".to_owned(),
        Value::String(_) => format!("STRING_VALUE cannot be converted to {expected}"),
        Value::Number(_) => format!("NUMBER_VALUE cannot be converted to {expected}"),
        Value::Bool(true) => format!("TRUE_VALUE cannot be converted to {expected}"),
        Value::Bool(false) => format!("FALSE_VALUE cannot be converted to {expected}"),
        Value::Null => format!("NULL_VALUE cannot be converted to {expected}"),
    })
}

pub(crate) fn serialization(message: &str) -> Fault {
    Fault::sender("SerializationException", message)
}
