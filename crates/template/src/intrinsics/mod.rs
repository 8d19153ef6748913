//! The intrinsic functions. One family per file; this one finds the function and walks plain data.

mod cidr;
mod condition;
mod lookup;
mod reference;
mod text;

pub(crate) use condition::Conditions;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::error::{Error, Position, Result};
use crate::limits;
use crate::node::{Data, Node};
use crate::scope::Scope;
use crate::sections::Template;

/// Evaluates trees of one template with its values.
pub(crate) struct Evaluator<'a> {
    pub(crate) template: &'a Template,
    /// Parameters and pseudo parameters.
    pub(crate) values: &'a BTreeMap<String, Value>,
    pub(crate) conditions: &'a BTreeMap<String, bool>,
    pub(crate) scope: &'a dyn Scope,
    /// The references that were unknown so far.
    pub(crate) unknown: BTreeSet<String>,
    /// How often a reference was unknown.
    pub(crate) unknown_count: usize,
}

impl Evaluator<'_> {
    /// The value of a tree; none when it is `AWS::NoValue`.
    pub(crate) fn optional(&mut self, node: &Node) -> Result<Option<Value>> {
        let value = match &node.data {
            Data::Null => Value::Null,
            Data::Bool(flag) => Value::Bool(*flag),
            Data::Number(number) => Value::Number(number.clone()),
            Data::String(text) => Value::String(text.clone()),
            Data::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.extend(self.optional(item)?);
                }
                Value::Array(values)
            }
            Data::Map(map) => match node.intrinsic() {
                Some((name, argument)) if name != "Condition" => {
                    return self.intrinsic(node, name, argument);
                }
                _ => {
                    let mut values = Map::new();
                    for (key, item) in map {
                        if let Some(value) = self.optional(item)? {
                            values.insert(key.clone(), value);
                        }
                    }
                    Value::Object(values)
                }
            },
        };
        Ok(Some(value))
    }

    /// The value of a tree that must have one.
    pub(crate) fn value(&mut self, node: &Node) -> Result<Value> {
        self.optional(node)?.ok_or_else(|| {
            let message = "Template error: AWS::NoValue is not allowed here";
            Error::invalid(node.at, message)
        })
    }

    fn intrinsic(&mut self, node: &Node, name: &str, argument: &Node) -> Result<Option<Value>> {
        match name {
            "Ref" => return self.reference(node, argument),
            "Fn::If" => return self.choose(node, argument),
            _ => {}
        }
        let before = self.unknown_count;
        let value = match name {
            "Fn::GetAtt" => self.attribute(node, argument)?,
            "Fn::ImportValue" => self.import(node, argument)?,
            "Fn::GetAZs" => self.zones(node, argument)?,
            "Fn::Sub" => self.substitute(node, argument)?,
            "Fn::Join" => self.join(node, argument, before)?,
            "Fn::Split" => self.split(node, argument, before)?,
            "Fn::Select" => self.select(node, argument, before)?,
            "Fn::Base64" => self.base64(node, argument, before)?,
            "Fn::Cidr" => self.cidr(node, argument, before)?,
            "Fn::FindInMap" => self.find_in_map(node, argument)?,
            other => return Err(Error::refused(node.at, format!("The function {other}"))),
        };
        if let Value::String(text) = &value
            && text.len() > limits::EVALUATED_STRING_BYTES
        {
            let max = limits::EVALUATED_STRING_BYTES;
            let message = format!("Template error: {name} returns more than {max} bytes");
            return Err(Error::limit(node.at, message));
        }
        Ok(Some(value))
    }

    /// Whether something became unknown since `before`; then a function that looks into its argument
    /// answers with this placeholder.
    fn unknown_since(&self, before: usize, function: &str) -> Option<Value> {
        if self.unknown_count == before {
            return None;
        }
        let names: Vec<_> = self.unknown.iter().map(String::as_str).collect();
        Some(Value::String(format!("{{{{unknown:{function}:{}}}}}", names.join(","))))
    }
}

/// A scalar as text, for functions that build text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn template_error(at: Position, message: impl std::fmt::Display) -> Error {
    Error::invalid(at, format!("Template error: {message}"))
}
