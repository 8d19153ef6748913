//! Building generated resources.

use serde_json::Value;

use super::Sam;
use crate::error::Position;
use crate::node::{Map, Node};

/// A generated resource under construction.
pub(super) struct Build {
    at: Position,
    kind: &'static str,
    attributes: Map,
    properties: Map,
}

/// The attributes that go from a SAM resource to every resource made from it.
const PASSED_ON: [&str; 3] = ["Condition", "DeletionPolicy", "UpdateReplacePolicy"];
/// The attributes that go to the resource that stands for the SAM resource itself.
const KEPT: [&str; 4] = ["DeletionPolicy", "Condition", "UpdateReplacePolicy", "Metadata"];

impl Build {
    /// A resource with the attributes that are passed on.
    pub(super) fn new(sam: &Sam<'_>, kind: &'static str) -> Self {
        Self { at: sam.at, kind, attributes: attributes(sam, &PASSED_ON), properties: Map::new() }
    }

    /// The resource that stands for the SAM resource itself.
    pub(super) fn main(sam: &Sam<'_>, kind: &'static str) -> Self {
        let mut attributes = attributes(sam, &KEPT);
        let depends_on = sam.resource.get("DependsOn").filter(|node| super::is_filled(node));
        attributes.extend(depends_on.map(|node| ("DependsOn".to_owned(), node.clone())));
        Self { at: sam.at, kind, attributes, properties: Map::new() }
    }

    /// Sets a property.
    pub(super) fn set(mut self, name: &str, value: Node) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// Sets a property to a text.
    pub(super) fn text(self, name: &str, text: impl Into<String>) -> Self {
        let node = Node::text(self.at, text);
        self.set(name, node)
    }

    /// Sets a property to data.
    pub(super) fn json(self, name: &str, value: &Value) -> Self {
        let node = Node::from_json(self.at, value);
        self.set(name, node)
    }

    /// Sets a property if there is a value.
    pub(super) fn maybe(self, name: &str, value: Option<&Node>) -> Self {
        match value {
            Some(value) => self.set(name, value.clone()),
            None => self,
        }
    }

    /// Copies properties of the same name.
    pub(super) fn copy(self, from: &Map, names: &[&str]) -> Self {
        names.iter().fold(self, |build, name| build.maybe(name, from.get(*name)))
    }

    /// Sets an attribute.
    pub(super) fn attribute(mut self, name: &str, value: Node) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }

    /// Takes an attribute away.
    pub(super) fn without_attribute(mut self, name: &str) -> Self {
        self.attributes.shift_remove(name);
        self
    }

    /// A property to be changed.
    pub(super) fn property_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.properties.get_mut(name)
    }

    /// The properties so far.
    pub(super) fn properties(&self) -> &Map {
        &self.properties
    }

    /// The finished resource.
    pub(super) fn finish(self) -> Node {
        let at = self.at;
        let mut map = Map::new();
        map.insert("Type".to_owned(), Node::text(at, self.kind));
        map.extend(self.attributes);
        map.insert("Properties".to_owned(), Node::map(at, self.properties));
        Node::map(at, map)
    }
}

fn attributes(sam: &Sam<'_>, names: &[&str]) -> Map {
    let found = |name: &&str| Some(((*name).to_owned(), sam.resource.get(name)?.clone()));
    names.iter().filter_map(found).collect()
}

/// `{"Ref": id}`
pub(super) fn reference(at: Position, id: &str) -> Node {
    Node::map(at, [("Ref", Node::text(at, id))])
}

/// `{"Fn::GetAtt": [id, attribute]}`
pub(super) fn attribute(at: Position, id: &str, attribute: &str) -> Node {
    Node::map(at, [("Fn::GetAtt", Node::list(at, [Node::text(at, id), Node::text(at, attribute)]))])
}

/// `{PolicyName, PolicyDocument: {Statement: [...]}}`, each statement allowing one action.
pub(super) fn allow_policy(at: Position, name: String, statements: &[(&str, Node)]) -> Node {
    let statements = statements.iter().map(|(action, resource)| {
        Node::map(
            at,
            [
                ("Action", Node::text(at, *action)),
                ("Effect", Node::text(at, "Allow")),
                ("Resource", resource.clone()),
            ],
        )
    });
    let document = Node::map(at, [("Statement", Node::list(at, statements))]);
    Node::map(at, [("PolicyName", Node::text(at, name)), ("PolicyDocument", document)])
}
