//! Lists of anything, and the sets made of them.

use super::{Checked, scalar, to_base64};
use crate::{error::Error, number::Number, value::Value};
use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeSet, fmt};

/// A list whose elements a seed reads; `None` for JSON's null.
pub(super) struct List<S>(pub(super) S);

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for List<S> {
    type Value = Option<Vec<S::Value>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for List<S> {
    type Value = Option<Vec<S::Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    scalar::refuse_scalars!("Unexpected field type");

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(de::Error::custom("Start of structure or map found where not expected"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element_seed(self.0)? {
            list.push(element);
        }
        Ok(Some(list))
    }
}

fn members<T>(list: Vec<Option<T>>, null: &'static str) -> Result<Vec<T>, Error> {
    list.into_iter().collect::<Option<_>>().ok_or(Error::EmptySet(null))
}

fn duplicates<T: fmt::Display>(list: &[T], end: &str) -> Error {
    let list = list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Error::DuplicateInSet(format!(
        "One or more parameter values were invalid: Input collection [{list}]{end}"
    ))
}

pub(super) fn texts(list: Vec<Option<String>>) -> Checked {
    let list = members(list, "An string set  may not have a null string as a member")?;
    if list.is_empty() {
        return Err(Error::EmptySet("An string set  may not be empty"));
    }
    let set: BTreeSet<_> = list.iter().cloned().collect();
    if set.len() < list.len() {
        return Err(duplicates(&list, " contains duplicates."));
    }
    Ok(Value::Ss(set))
}

pub(super) fn numbers(list: Vec<Option<String>>) -> Checked {
    let list = members(list, "An number set  may not have a null number as a member")?;
    if list.is_empty() {
        return Err(Error::EmptySet("An number set  may not be empty"));
    }
    let set = list.iter().map(|text| text.parse()).collect::<Result<BTreeSet<Number>, _>>()?;
    if set.len() < list.len() {
        return Err(Error::DuplicateInSet("Input collection contains duplicates".to_owned()));
    }
    Ok(Value::Ns(set))
}

pub(super) fn blobs(list: Vec<Option<Vec<u8>>>) -> Checked {
    let list = members(list, "Binary sets may not contain null values")?;
    if list.is_empty() {
        return Err(Error::EmptySet("Binary sets should not be empty"));
    }
    let set: BTreeSet<_> = list.iter().cloned().collect();
    if set.len() < list.len() {
        let list: Vec<_> = list.iter().map(|bytes| to_base64(bytes)).collect();
        return Err(duplicates(&list, "of type BS contains duplicates."));
    }
    Ok(Value::Bs(set))
}
