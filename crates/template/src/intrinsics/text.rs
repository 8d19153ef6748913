//! `Fn::Sub`, `Fn::Join`, `Fn::Split`, `Fn::Base64`: text.

use base64::Engine as _;
use serde_json::Value;

use super::{Evaluator, scalar, template_error};
use crate::error::Result;
use crate::node::Node;
use crate::references;
use crate::substitution::{self, Piece};

impl Evaluator<'_> {
    pub(super) fn substitute(&mut self, node: &Node, argument: &Node) -> Result<Value> {
        let (text, variables) = references::sub_parts(node, argument)?;
        let mut result = String::new();
        for piece in substitution::pieces(text) {
            let name = match piece {
                Piece::Literal(literal) => {
                    result.push_str(&literal);
                    continue;
                }
                Piece::Variable(name) => name,
            };
            let value = if let Some(own) = variables.and_then(|map| map.get(&name)) {
                self.value(own)?
            } else if let Some((resource, attribute)) = name.split_once('.') {
                self.attribute_named(node, resource, attribute)?
            } else {
                self.named(node, &name)?
            };
            let text = scalar(&value).ok_or_else(|| {
                let message =
                    format!("variable {name} in Fn::Sub expression does not resolve to a string");
                template_error(node.at, message)
            })?;
            result.push_str(&text);
        }
        Ok(Value::String(result))
    }

    pub(super) fn join(&mut self, node: &Node, argument: &Node, before: usize) -> Result<Value> {
        let error = || {
            template_error(
                node.at,
                "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
            )
        };
        let Some([delimiter, items]) = argument.as_list() else { return Err(error()) };
        let delimiter = delimiter.as_str().ok_or_else(error)?;
        let list = self.value(items)?;
        let Value::Array(values) = list else {
            return self.unknown_since(before, "Fn::Join").ok_or_else(error);
        };
        let texts: Option<Vec<_>> = values.iter().map(scalar).collect();
        Ok(Value::String(texts.ok_or_else(error)?.join(delimiter)))
    }

    pub(super) fn split(&mut self, node: &Node, argument: &Node, before: usize) -> Result<Value> {
        let error = || {
            template_error(
                node.at,
                "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.",
            )
        };
        let Some([delimiter, source]) = argument.as_list() else { return Err(error()) };
        let delimiter = delimiter.as_str().filter(|text| !text.is_empty()).ok_or_else(error)?;
        let source = self.value(source)?;
        if let Some(unknown) = self.unknown_since(before, "Fn::Split") {
            return Ok(unknown);
        }
        let source = scalar(&source).ok_or_else(error)?;
        Ok(source.split(delimiter).map(Value::from).collect())
    }

    pub(super) fn base64(&mut self, node: &Node, argument: &Node, before: usize) -> Result<Value> {
        let value = self.value(argument)?;
        if let Some(unknown) = self.unknown_since(before, "Fn::Base64") {
            return Ok(unknown);
        }
        let text = scalar(&value).ok_or_else(|| {
            template_error(node.at, "every Fn::Base64 object must have a String-typed value.")
        })?;
        Ok(Value::String(base64::engine::general_purpose::STANDARD.encode(text)))
    }
}
