//! Attribute values from and to DynamoDB's JSON.
//!
//! Two kinds of refusal exist, as at DynamoDB: what does not have the shape of an attribute value
//! (a number where a string belongs) fails the deserializer, a `SerializationException`; what has
//! the shape and is wrong (an empty set, two types) is an [`Error`], a `ValidationException`, which
//! [`Received`] carries to where the request is checked.

mod scalar;
mod sets;

use super::{Item, Value, ValueType};
use crate::{error::Error, limits};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, collections::BTreeMap, fmt};

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(1))?;
        let key = self.value_type().key();
        match self {
            Self::S(text) => map.serialize_entry(key, text)?,
            Self::N(number) => map.serialize_entry(key, number)?,
            Self::B(bytes) => map.serialize_entry(key, &to_base64(bytes))?,
            Self::Bool(flag) => map.serialize_entry(key, flag)?,
            Self::Null => map.serialize_entry(key, &true)?,
            Self::L(list) => map.serialize_entry(key, list)?,
            Self::M(members) => map.serialize_entry(key, members)?,
            Self::Ss(set) => map.serialize_entry(key, set)?,
            Self::Ns(set) => map.serialize_entry(key, set)?,
            Self::Bs(set) => {
                let texts: Vec<_> = set.iter().map(|bytes| to_base64(bytes)).collect();
                map.serialize_entry(key, &texts)?;
            }
        }
        map.end()
    }
}

/// For values that were valid when they were written; what is wrong fails the deserializer.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Received::deserialize(deserializer)?.check().map_err(de::Error::custom)
    }
}

/// An attribute value of a request: it has the shape of one, and is valid or says why not.
///
/// Request types hold this and not [`Value`], so that an invalid value is refused in its turn and
/// with the text of its parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received(Result<Value, Error>);

impl Received {
    /// The value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self) -> Result<Value, Error> {
        self.0
    }

    /// All attributes of an item or key.
    ///
    /// # Errors
    /// What is wrong with the first invalid one.
    pub fn check_item(attributes: BTreeMap<String, Self>) -> Result<Item, Error> {
        attributes.into_iter().map(|(name, value)| Ok((name, value.check()?))).collect()
    }
}

/// An item or key of a request: as [`Received`], for all of its attributes at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedItem(Result<Item, Error>);

impl ReceivedItem {
    /// The attributes.
    ///
    /// # Errors
    /// What is wrong with the first invalid one.
    pub fn check(&self) -> Result<&Item, Error> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

impl From<Item> for ReceivedItem {
    fn from(item: Item) -> Self {
        Self(Ok(item))
    }
}

impl<'de> Deserialize<'de> for ReceivedItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members(AttributeValue { level: 1 }).deserialize(deserializer)?;
        Ok(Self(members.unwrap_or_else(|| Ok(Item::new()))))
    }
}

impl From<Value> for Received {
    fn from(value: Value) -> Self {
        Self(Ok(value))
    }
}

impl<'de> Deserialize<'de> for Received {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AttributeValue { level: 1 }.deserialize(deserializer).map(Self)
    }
}

/// Reads one attribute value at a level of a document. The levels bound the recursion.
#[derive(Clone, Copy)]
struct AttributeValue {
    level: usize,
}

type Checked = Result<Value, Error>;

impl<'de> DeserializeSeed<'de> for AttributeValue {
    type Value = Checked;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Checked, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AttributeValue {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute value")
    }

    scalar::refuse_scalars!("Unexpected value type in payload");

    fn visit_unit<E: de::Error>(self) -> Result<Checked, E> {
        Ok(Err(Error::ValueEmpty))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Checked, A::Error> {
        Err(de::Error::custom(
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
        ))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Checked, A::Error> {
        if self.level > limits::MAX_DEPTH {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Err(Error::TooDeep));
        }
        let mut found: Option<Checked> = None;
        let mut several = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let Some(key) = ValueType::from_key(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let Some(content) = self.content(key, &mut map)? else { continue };
            several |= found.is_some();
            if !matches!(found, Some(Err(_))) {
                found = Some(content);
            }
        }
        Ok(match found {
            None => Err(Error::ValueEmpty),
            Some(Ok(_)) if several => Err(Error::ValueAmbiguous),
            Some(checked) => checked,
        })
    }
}

impl AttributeValue {
    /// Reads what stands behind a type key; `None` for JSON's null, which counts as not there.
    fn content<'de, A: MapAccess<'de>>(
        self,
        key: ValueType,
        map: &mut A,
    ) -> Result<Option<Checked>, A::Error> {
        let inner = Self { level: self.level + 1 };
        Ok(match key {
            ValueType::S => map.next_value_seed(scalar::Text)?.map(|text| Ok(Value::S(text))),
            ValueType::N => {
                map.next_value_seed(scalar::Text)?.map(|text| Ok(Value::N(text.parse()?)))
            }
            ValueType::B => map.next_value_seed(scalar::Blob)?.map(|bytes| Ok(Value::B(bytes))),
            ValueType::Bool => map.next_value_seed(scalar::Flag)?.map(|flag| Ok(Value::Bool(flag))),
            ValueType::Null => map
                .next_value_seed(scalar::Flag)?
                .map(|flag| if flag { Ok(Value::Null) } else { Err(Error::NullFalse) }),
            ValueType::L => map
                .next_value_seed(sets::List(inner))?
                .map(|list| list.into_iter().collect::<Result<_, _>>().map(Value::L)),
            ValueType::M => map.next_value_seed(Members(inner))?.map(|map| map.map(Value::M)),
            ValueType::Ss => map.next_value_seed(sets::List(scalar::Text))?.map(sets::texts),
            ValueType::Ns => map.next_value_seed(sets::List(scalar::Text))?.map(sets::numbers),
            ValueType::Bs => map.next_value_seed(sets::List(scalar::Blob))?.map(sets::blobs),
        })
    }
}

/// The members of a map.
struct Members(AttributeValue);

impl<'de> DeserializeSeed<'de> for Members {
    type Value = Option<Result<Item, Error>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Option<Result<Item, Error>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of attribute values")
    }

    scalar::refuse_scalars!("Unexpected field type");

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(de::Error::custom(
            "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
        ))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Ok(Item::new());
        while let Some(name) = map.next_key::<String>()? {
            match (map.next_value_seed(self.0)?, &mut members) {
                (Ok(value), Ok(members)) => {
                    members.insert(name, value);
                }
                (Err(error), Ok(_)) => members = Err(error),
                (_, Err(_)) => {}
            }
        }
        Ok(Some(members))
    }
}

#[cfg(test)]
mod tests;
