//! The tree that every stage works on: plain JSON data, where each node knows its place in the text.

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::error::Position;

/// The entries of a map, in the order of the text.
pub type Map = IndexMap<String, Node>;

/// One value of the template. The value of a map entry has the position of its key, so that an error
/// about a property points to the line that names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// Where it stands.
    pub at: Position,
}

/// The data of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `null`, or an empty YAML value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(Map),
}

impl Node {
    /// A node with a text.
    pub fn text(at: Position, text: impl Into<String>) -> Self {
        Self { data: Data::String(text.into()), at }
    }

    /// A node with a list.
    pub fn list(at: Position, items: impl IntoIterator<Item = Node>) -> Self {
        Self { data: Data::List(items.into_iter().collect()), at }
    }

    /// A node with a map.
    pub fn map<K: Into<String>>(
        at: Position,
        entries: impl IntoIterator<Item = (K, Node)>,
    ) -> Self {
        let entries = entries.into_iter().map(|(key, node)| (key.into(), node)).collect();
        Self { data: Data::Map(entries), at }
    }

    /// A node from JSON data, all of it placed at `at`.
    pub fn from_json(at: Position, value: &Value) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(flag) => Data::Bool(*flag),
            Value::Number(number) => Data::Number(number.clone()),
            Value::String(text) => Data::String(text.clone()),
            Value::Array(items) => {
                Data::List(items.iter().map(|item| Self::from_json(at, item)).collect())
            }
            Value::Object(map) => Data::Map(
                map.iter().map(|(key, item)| (key.clone(), Self::from_json(at, item))).collect(),
            ),
        };
        Self { data, at }
    }

    /// The node as JSON data, positions dropped.
    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(flag) => Value::Bool(*flag),
            Data::Number(number) => Value::Number(number.clone()),
            Data::String(text) => Value::String(text.clone()),
            Data::List(items) => items.iter().map(Self::to_json).collect(),
            Data::Map(map) => {
                Value::Object(map.iter().map(|(key, node)| (key.clone(), node.to_json())).collect())
            }
        }
    }

    /// Whether two nodes hold the same data, wherever they stand.
    pub fn same(&self, other: &Node) -> bool {
        self.to_json() == other.to_json()
    }

    /// The text of a string node.
    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = &self.data { Some(text) } else { None }
    }

    /// The value of a boolean node.
    pub fn as_bool(&self) -> Option<bool> {
        if let Data::Bool(flag) = self.data { Some(flag) } else { None }
    }

    /// The items of a list node.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Data::List(items) = &self.data { Some(items) } else { None }
    }

    /// The entries of a map node.
    pub fn as_map(&self) -> Option<&Map> {
        if let Data::Map(map) = &self.data { Some(map) } else { None }
    }

    /// The entries of a map node, to be changed.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Data::Map(map) = &mut self.data { Some(map) } else { None }
    }

    /// The value under a key, if the node is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The node under a path of keys.
    pub fn at_path(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A scalar as CloudFormation writes it where it wants a string: `true`, `10`, `text`.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.data {
            Data::Bool(flag) => Some(flag.to_string()),
            Data::Number(number) => Some(number.to_string()),
            Data::String(text) => Some(text.clone()),
            Data::Null | Data::List(_) | Data::Map(_) => None,
        }
    }

    /// The intrinsic function that the node is, with its name and argument: a map with a single key
    /// that is `Ref`, `Condition` or starts with `Fn::`.
    pub fn intrinsic(&self) -> Option<(&str, &Node)> {
        let map = self.as_map()?;
        let (name, argument) = map.first()?;
        let named = name == "Ref" || name == "Condition" || name.starts_with("Fn::");
        (map.len() == 1 && named).then_some((name.as_str(), argument))
    }

    /// Whether the node is `{"Ref": "AWS::NoValue"}`.
    pub fn is_no_value(&self) -> bool {
        matches!(self.intrinsic(), Some(("Ref", target)) if target.as_str() == Some("AWS::NoValue"))
    }

    /// The word for the node's type in messages.
    pub fn type_name(&self) -> &'static str {
        match self.data {
            Data::Null => "null",
            Data::Bool(_) => "boolean",
            Data::Number(_) => "number",
            Data::String(_) => "string",
            Data::List(_) => "list",
            Data::Map(_) => "map",
        }
    }
}
