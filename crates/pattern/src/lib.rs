//! Event patterns: which events a filter or rule is for. Pure.
//!
//! A pattern is a JSON object of the shape of the events; a list in the place of a value tells what
//! that value may be. Follows "Comparison operators for use in event patterns" (Amazon EventBridge)
//! and "Filter rule syntax" (AWS Lambda).
//!
//! * Every field of a pattern must match, one member of each list, and one of the patterns of `$or`.
//! * A value that is an array matches if one of its elements does; objects in an array match whole,
//!   never one field in one and another field in another.
//! * A field that is absent matches only `{"exists": false}`. Objects and empty arrays have no value.
//!   What must be absent must be so in every object of an array.

mod parse;
mod rule;

use rule::Rule;
use serde_json::{Map, Value};

/// The longest pattern, in bytes ("Amazon EventBridge quotas", and `Pattern` of Lambda's model).
pub const PATTERN_BYTES: usize = 4096;

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Fields);

/// Fields that must match all together.
#[derive(Debug, Clone, PartialEq)]
struct Fields {
    fields: Vec<(String, Node)>,
    /// Of each list one must match.
    alternatives: Vec<Vec<Fields>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Object(Fields),
    /// One of these must match.
    Value(Vec<Rule>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, as `EventBridge` tells it behind "Event pattern is not valid. Reason: ".
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::pattern(text).map(Self)
    }

    /// The names of the fields that it looks at, at the top.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.names()
    }

    /// Whether an event is one of those that the pattern is for.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        event.as_object().is_some_and(|event| self.0.match_object(event))
    }
}

impl Fields {
    fn names(&self) -> Vec<&str> {
        let own = self.fields.iter().map(|(name, _)| name.as_str());
        own.chain(self.alternatives.iter().flatten().flat_map(Self::names)).collect()
    }

    /// Whether something is there, in an object or in one of an array, that must be absent.
    fn forbids(&self, value: &Value) -> bool {
        match value {
            Value::Array(array) => array.iter().any(|element| self.forbids(element)),
            Value::Object(object) => self.fields.iter().any(|(name, node)| {
                object.get(name).is_some_and(|value| match node {
                    Node::Object(fields) => fields.forbids(value),
                    Node::Value(rules) => match &rules[..] {
                        [rule @ Rule::Exists(false)] => !rule.matches_field(Some(value)),
                        _ => false,
                    },
                })
            }),
            _ => false,
        }
    }

    fn match_object(&self, event: &Map<String, Value>) -> bool {
        self.fields.iter().all(|(name, node)| node.matches(event.get(name)))
            && self.alternatives.iter().all(|any| any.iter().any(|one| one.match_object(event)))
    }

    /// Without an object, a pattern matches that asks only for absence.
    fn match_nothing(&self) -> bool {
        self.match_object(&Map::new())
    }
}

impl Node {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Object(fields) => match value {
                Some(Value::Object(object)) => fields.match_object(object),
                Some(Value::Array(array)) if !array.is_empty() => {
                    array.iter().any(|element| self.matches(Some(element)))
                        && !array.iter().any(|element| fields.forbids(element))
                }
                None | Some(Value::Null | Value::Array(_)) => fields.match_nothing(),
                // A text where members are wanted is something else altogether.
                Some(_) => false,
            },
            Self::Value(rules) => rules.iter().any(|rule| rule.matches_field(value)),
        }
    }
}

#[cfg(test)]
mod tests;
