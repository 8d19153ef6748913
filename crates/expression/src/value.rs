//! Attribute values and items.

mod json;
mod size;

pub use json::{Received, ReceivedItem};
pub use size::item_bytes;

use crate::number::Number;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// An item, and the content of a map: attributes by name.
pub type Item = BTreeMap<String, Value>;

/// An attribute value. As JSON it has DynamoDB's form, `{"S": "text"}`, with exactly one type key.
///
/// Sets are sorted, so that two of the same members are equal; DynamoDB promises no order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    S(String),
    /// A number.
    N(Number),
    /// Bytes, base64 in JSON.
    B(Vec<u8>),
    /// True or false.
    Bool(bool),
    /// Null.
    Null,
    /// A list.
    L(Vec<Value>),
    /// A map.
    M(Item),
    /// A set of texts, never empty.
    Ss(BTreeSet<String>),
    /// A set of numbers, never empty.
    Ns(BTreeSet<Number>),
    /// A set of byte strings, never empty.
    Bs(BTreeSet<Vec<u8>>),
}

/// The type of an attribute value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    /// Text.
    S,
    /// Number.
    N,
    /// Bytes.
    B,
    /// True or false.
    Bool,
    /// Null.
    Null,
    /// List.
    L,
    /// Map.
    M,
    /// Set of texts.
    Ss,
    /// Set of numbers.
    Ns,
    /// Set of byte strings.
    Bs,
}

impl ValueType {
    const ALL: [Self; 10] = [
        Self::S,
        Self::N,
        Self::B,
        Self::Bool,
        Self::Null,
        Self::L,
        Self::M,
        Self::Ss,
        Self::Ns,
        Self::Bs,
    ];

    /// The type key of JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::L => "L",
            Self::M => "M",
            Self::Ss => "SS",
            Self::Ns => "NS",
            Self::Bs => "BS",
        }
    }

    /// The type with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|candidate| candidate.key() == key)
    }

    /// The name that errors about `ADD` and `DELETE` use.
    pub(crate) const fn long_name(self) -> &'static str {
        match self {
            Self::S => "STRING",
            Self::N => "NUMBER",
            Self::B => "BINARY",
            Self::Bool => "BOOLEAN",
            Self::Null => "NULL",
            Self::L => "LIST",
            Self::M => "MAP",
            Self::Ss => "STRING_SET",
            Self::Ns => "NUMBER_SET",
            Self::Bs => "BINARY_SET",
        }
    }

    /// Whether values of the type have an order, so that `<` and `BETWEEN` take them.
    pub(crate) const fn is_ordered(self) -> bool {
        matches!(self, Self::S | Self::N | Self::B)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl Value {
    /// Its type.
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::S(_) => ValueType::S,
            Self::N(_) => ValueType::N,
            Self::B(_) => ValueType::B,
            Self::Bool(_) => ValueType::Bool,
            Self::Null => ValueType::Null,
            Self::L(_) => ValueType::L,
            Self::M(_) => ValueType::M,
            Self::Ss(_) => ValueType::Ss,
            Self::Ns(_) => ValueType::Ns,
            Self::Bs(_) => ValueType::Bs,
        }
    }

    /// How many levels it has: 1, or one more than its deepest member. Bounded for every value
    /// that came from JSON; see [`crate::limits::MAX_DEPTH`].
    #[must_use]
    pub fn depth(&self) -> usize {
        1 + match self {
            Self::L(list) => list.iter().map(Self::depth).max().unwrap_or(0),
            Self::M(map) => map.values().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The order of two values of one ordered type (text by UTF-8 bytes, number, bytes); `None`
    /// for any other two.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::S(a), Self::S(b)) => Some(a.cmp(b)),
            (Self::N(a), Self::N(b)) => Some(a.cmp(b)),
            (Self::B(a), Self::B(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// As errors print a constant: `{S:text}`. Documents and sets show their type only.
    pub(crate) fn in_error(&self) -> String {
        let text: Cow<'_, str> = match self {
            Self::S(text) => text.into(),
            Self::N(number) => number.to_string().into(),
            Self::B(bytes) => json::to_base64(bytes).into(),
            Self::Bool(flag) => flag.to_string().into(),
            _ => "".into(),
        };
        format!("{{{}:{text}}}", self.value_type())
    }
}
