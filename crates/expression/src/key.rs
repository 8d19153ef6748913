//! Key attributes: their schema, and their values as bytes in the order of the values.

use crate::{
    number::Number,
    value::{Value, ValueType},
};
use serde::{Deserialize, Serialize};

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyType {
    /// Text.
    S,
    /// Number.
    N,
    /// Bytes.
    B,
}

impl KeyType {
    /// The type of the values it takes.
    #[must_use]
    pub const fn value_type(self) -> ValueType {
        match self {
            Self::S => ValueType::S,
            Self::N => ValueType::N,
            Self::B => ValueType::B,
        }
    }

    /// Reads what [`encode_key`] wrote for a value of this type; `None` for any other bytes.
    #[must_use]
    pub fn decode_key(self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::S => Value::S(std::str::from_utf8(bytes).ok()?.to_owned()),
            Self::N => Value::N(Number::from_ordered_bytes(bytes)?),
            Self::B => Value::B(bytes.to_vec()),
        })
    }
}

/// A key attribute by name and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAttribute {
    /// The name of the attribute.
    pub name: String,
    /// Its type.
    pub key_type: KeyType,
}

/// The key of a table or index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySchema {
    /// The partition (hash) key.
    pub partition: KeyAttribute,
    /// The sort (range) key, if it has one.
    pub sort: Option<KeyAttribute>,
}

impl KeySchema {
    /// Its attributes, the partition key first.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition).chain(&self.sort)
    }
}

/// The bytes of a key value: two values of one type compare as their bytes do. Texts and bytes are
/// themselves; numbers see [`Number::to_ordered_bytes`]. `None` if no key can have the type.
#[must_use]
pub fn encode_key(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::S(text) => Some(text.as_bytes().to_vec()),
        Value::N(number) => Some(number.to_ordered_bytes()),
        Value::B(bytes) => Some(bytes.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_value_reads_back_as_the_same_value() {
        for (key_type, value) in [
            (KeyType::S, Value::S("é".to_owned())),
            (KeyType::N, Value::N("-12.5".parse().unwrap())),
            (KeyType::B, Value::B(vec![0, 255])),
        ] {
            assert_eq!(key_type.decode_key(&encode_key(&value).unwrap()), Some(value));
        }
        assert_eq!(encode_key(&Value::Null), None);
        assert_eq!(KeyType::S.decode_key(&[0xFF]), None);
        assert_eq!(KeyType::N.decode_key(&[]), None);
    }

    proptest! {
        #[test]
        fn texts_are_ordered_by_their_utf8_bytes(a in ".*", b in ".*") {
            let (a, b) = (Value::S(a), Value::S(b));
            prop_assert_eq!(Some(encode_key(&a).cmp(&encode_key(&b))), a.compare(&b));
        }
    }
}
