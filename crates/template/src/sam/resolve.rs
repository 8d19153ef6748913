//! Parameter values, for the few places where SAM looks through a reference to one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Context;
use crate::document::Document;
use crate::node::{Data, Map, Node};
use crate::substitution::{self, Piece};

/// What is given, else the default as it is written, and two pseudo parameters.
pub(super) fn values(
    document: &Document,
    given: &BTreeMap<String, String>,
    region: &str,
) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for (name, parameter) in
        document.section("Parameters").and_then(Node::as_map).into_iter().flatten()
    {
        values.extend(parameter.get("Default").map(|default| (name.clone(), default.to_json())));
    }
    values.extend(given.iter().map(|(name, text)| (name.clone(), Value::from(text.clone()))));
    values.insert("AWS::Region".to_owned(), Value::from(region));
    values.insert("AWS::Partition".to_owned(), Value::from(super::partition(region)));
    values
}

impl Context {
    /// A copy of a tree with the references to parameters replaced by their values.
    pub(super) fn resolved(&self, node: &Node) -> Node {
        let at = node.at;
        match &node.data {
            Data::List(items) => Node::list(at, items.iter().map(|item| self.resolved(item))),
            Data::Map(map) => match (node.intrinsic(), map) {
                (Some(("Ref", target)), _) => {
                    let value = target.as_str().and_then(|name| self.values.get(name));
                    value.map_or_else(|| node.clone(), |value| Node::from_json(at, value))
                }
                (Some(("Fn::Sub", argument)), _) => {
                    Node::map(at, [("Fn::Sub", self.resolved_sub(argument))])
                }
                _ => Node::map(at, self.resolved_map(map)),
            },
            _ => node.clone(),
        }
    }

    fn resolved_map(&self, map: &Map) -> Map {
        map.iter().map(|(key, item)| (key.clone(), self.resolved(item))).collect()
    }

    fn resolved_sub(&self, argument: &Node) -> Node {
        match &argument.data {
            Data::String(text) => Node::text(argument.at, self.resolved_text(text)),
            Data::List(items) => {
                let items = items.iter().enumerate().map(|(index, item)| match item.as_str() {
                    Some(text) if index == 0 => Node::text(item.at, self.resolved_text(text)),
                    _ => self.resolved(item),
                });
                Node::list(argument.at, items)
            }
            _ => self.resolved(argument),
        }
    }

    fn resolved_text(&self, text: &str) -> String {
        let variables = substitution::pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name),
            Piece::Literal(_) => None,
        });
        variables.fold(text.to_owned(), |text, name| {
            let value = self.values.get(&name).and_then(|value| match value {
                Value::String(value) => Some(value.clone()),
                Value::Number(value) => Some(value.to_string()),
                _ => None,
            });
            value.map_or(text.clone(), |value| text.replace(&format!("${{{name}}}"), &value))
        })
    }
}
