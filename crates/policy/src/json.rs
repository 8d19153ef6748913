//! JSON with its members in order. A repeated key is an error, because two readers of such a policy
//! could see two policies.

use crate::Malformed;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number in the text that it prints as.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The members of an object.
    pub(crate) fn members(&self, place: &str) -> Result<&[(String, Json)], Malformed> {
        match self {
            Self::Object(members) => Ok(members),
            _ => Err(Malformed::new(place, "Syntax errors in policy: an object is expected.")),
        }
    }

    /// A single text.
    pub(crate) fn text(&self, place: &str) -> Result<&str, Malformed> {
        match self {
            Self::String(text) => Ok(text),
            _ => Err(Malformed::new(place, "Syntax errors in policy: a string is expected.")),
        }
    }

    /// One text or an array of them.
    pub(crate) fn texts(&self, place: &str) -> Result<Vec<&str>, Malformed> {
        self.items().iter().map(|item| item.text(place)).collect()
    }

    /// One value or the items of an array.
    pub(crate) fn items(&self) -> &[Json] {
        match self {
            Self::Array(items) => items,
            one => std::slice::from_ref(one),
        }
    }

    /// Texts, numbers and booleans as text, as conditions take them.
    pub(crate) fn scalars(&self, place: &str) -> Result<Vec<String>, Malformed> {
        let text = |item: &Json| match item {
            Self::String(text) | Self::Number(text) => Ok(text.clone()),
            Self::Bool(value) => Ok(value.to_string()),
            _ => Err(Malformed::new(place, "Syntax errors in policy: a string is expected.")),
        };
        self.items().iter().map(text).collect()
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Json>()? {
            if members.iter().any(|(present, _)| *present == key) {
                return Err(A::Error::custom(format_args!("duplicate key {key:?}")));
            }
            members.push((key, value));
        }
        Ok(Json::Object(members))
    }
}
