//! Items as bytes.
//!
//! ```text
//! item    = version (1 byte), size in DynamoDB's sense (u32, little-endian), members
//! members = count, then name, value for each
//! value   = type (1 byte), then: S, N, B a text; L a count and values; M members; SS, NS, BS a
//!           count and texts; the others nothing
//! text    = length, bytes (a number in its ordered form)
//! ```
//! Counts and lengths are LEB128. An item's JSON is written straight from these bytes, so a read
//! without expressions never builds the item.

use bytes::Bytes;
use expression::{Item, Number, Value, item_bytes};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap, SerializeSeq},
};
use std::cell::Cell;

const VERSION: u8 = 1;
const HEADER: usize = 5;

const S: u8 = 0;
const N: u8 = 1;
const B: u8 = 2;
const TRUE: u8 = 3;
const FALSE: u8 = 4;
const NULL: u8 = 5;
const L: u8 = 6;
const M: u8 = 7;
const SS: u8 = 8;
const NS: u8 = 9;
const BS: u8 = 10;

/// An item as it lies in the store. Serialises as DynamoDB's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored(Bytes);

impl Stored {
    pub(crate) fn encode(item: &Item) -> Self {
        let size = item_bytes(item);
        let mut out = Vec::with_capacity(HEADER + size + 4 * item.len());
        out.push(VERSION);
        out.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        put_members(&mut out, item);
        Self(out.into())
    }

    /// Takes what the store holds.
    pub(crate) fn read(bytes: Bytes) -> Result<Self, kv::Error> {
        match bytes.first() {
            Some(&VERSION) if bytes.len() >= HEADER => Ok(Self(bytes)),
            _ => Err(corrupt("is no item of version 1")),
        }
    }

    pub(crate) fn as_value(&self) -> kv::Value {
        self.0.clone()
    }

    /// Its size in bytes, as limits and capacity count it.
    pub(crate) fn size(&self) -> usize {
        let size = self.0.get(1..HEADER).and_then(|size| size.try_into().ok());
        size.map_or(0, u32::from_le_bytes) as usize
    }

    /// How many bytes it takes in the store.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn decode(&self) -> Result<Item, kv::Error> {
        let mut input = self.members();
        let item = get_members(&mut input).ok_or_else(|| corrupt("is cut short"))?;
        if input.is_empty() { Ok(item) } else { Err(corrupt("has bytes left")) }
    }

    fn members(&self) -> &[u8] {
        self.0.get(HEADER..).unwrap_or_default()
    }
}

fn corrupt(what: &str) -> kv::Error {
    kv::Error::Corrupt(format!("a stored item {what}"))
}

fn put_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_length(out, text.len());
    out.extend_from_slice(text);
}

fn put_members(out: &mut Vec<u8>, members: &Item) {
    put_length(out, members.len());
    for (name, value) in members {
        put_text(out, name.as_bytes());
        put_value(out, value);
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::S(text) => {
            out.push(S);
            put_text(out, text.as_bytes());
        }
        Value::N(number) => {
            out.push(N);
            put_text(out, &number.to_ordered_bytes());
        }
        Value::B(bytes) => {
            out.push(B);
            put_text(out, bytes);
        }
        Value::Bool(flag) => out.push(if *flag { TRUE } else { FALSE }),
        Value::Null => out.push(NULL),
        Value::L(list) => {
            out.push(L);
            put_length(out, list.len());
            list.iter().for_each(|value| put_value(out, value));
        }
        Value::M(members) => {
            out.push(M);
            put_members(out, members);
        }
        Value::Ss(set) => put_set(out, SS, set.iter().map(String::as_bytes)),
        Value::Ns(set) => put_set(out, NS, set.iter().map(|number| number.to_ordered_bytes())),
        Value::Bs(set) => put_set(out, BS, set.iter()),
    }
}

fn put_set(out: &mut Vec<u8>, kind: u8, set: impl ExactSizeIterator<Item = impl AsRef<[u8]>>) {
    out.push(kind);
    put_length(out, set.len());
    set.for_each(|text| put_text(out, text.as_ref()));
}

fn get_byte(input: &mut &[u8]) -> Option<u8> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(*first)
}

fn get_length(input: &mut &[u8]) -> Option<usize> {
    let mut length = 0usize;
    for shift in [0, 7, 14, 21] {
        let byte = get_byte(input)?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(length);
        }
    }
    None
}

fn get_text<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = get_length(input)?;
    let (text, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(text)
}

fn get_string(input: &mut &[u8]) -> Option<String> {
    std::str::from_utf8(get_text(input)?).ok().map(str::to_owned)
}

fn get_number(input: &mut &[u8]) -> Option<Number> {
    Number::from_ordered_bytes(get_text(input)?)
}

fn get_members(input: &mut &[u8]) -> Option<Item> {
    let count = get_length(input)?;
    (0..count).map(|_| Some((get_string(input)?, get_value(input)?))).collect()
}

fn get_value(input: &mut &[u8]) -> Option<Value> {
    Some(match get_byte(input)? {
        S => Value::S(get_string(input)?),
        N => Value::N(get_number(input)?),
        B => Value::B(get_text(input)?.to_vec()),
        TRUE => Value::Bool(true),
        FALSE => Value::Bool(false),
        NULL => Value::Null,
        L => {
            let count = get_length(input)?;
            Value::L((0..count).map(|_| get_value(input)).collect::<Option<_>>()?)
        }
        M => Value::M(get_members(input)?),
        SS => {
            let count = get_length(input)?;
            Value::Ss((0..count).map(|_| get_string(input)).collect::<Option<_>>()?)
        }
        NS => {
            let count = get_length(input)?;
            Value::Ns((0..count).map(|_| get_number(input)).collect::<Option<_>>()?)
        }
        BS => {
            let count = get_length(input)?;
            Value::Bs((0..count).map(|_| Some(get_text(input)?.to_vec())).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

impl Serialize for Stored {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        Members(&Cell::new(self.members())).serialize(serializer)
    }
}

/// A place in the bytes, which what is written moves forward.
type Place<'p, 'a> = &'p Cell<&'a [u8]>;

/// Reads one thing at a place.
fn next<'a, T, E: serde::ser::Error>(
    place: Place<'_, 'a>,
    get: impl FnOnce(&mut &'a [u8]) -> Option<T>,
) -> Result<T, E> {
    let mut input = place.get();
    let thing = get(&mut input).ok_or_else(|| E::custom("a stored item is damaged"))?;
    place.set(input);
    Ok(thing)
}

fn next_text<'a, E: serde::ser::Error>(place: Place<'_, 'a>) -> Result<&'a str, E> {
    std::str::from_utf8(next(place, get_text)?).map_err(E::custom)
}

fn next_base64<E: serde::ser::Error>(place: Place<'_, '_>) -> Result<String, E> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    Ok(STANDARD.encode(next(place, get_text)?))
}

struct Members<'p, 'a>(Place<'p, 'a>);
struct Any<'p, 'a>(Place<'p, 'a>);
struct List<'p, 'a>(Place<'p, 'a>);
struct Set<'p, 'a>(Place<'p, 'a>, u8);

impl Serialize for Members<'_, '_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let count = next(self.0, get_length)?;
        let mut map = serializer.serialize_map(Some(count))?;
        for _ in 0..count {
            map.serialize_entry(next_text(self.0)?, &Any(self.0))?;
        }
        map.end()
    }
}

impl Serialize for Any<'_, '_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let place = self.0;
        let mut map = serializer.serialize_map(Some(1))?;
        match next(place, get_byte)? {
            S => map.serialize_entry("S", next_text(place)?)?,
            N => map.serialize_entry("N", &next(place, get_number)?)?,
            B => map.serialize_entry("B", &next_base64(place)?)?,
            TRUE => map.serialize_entry("BOOL", &true)?,
            FALSE => map.serialize_entry("BOOL", &false)?,
            NULL => map.serialize_entry("NULL", &true)?,
            L => map.serialize_entry("L", &List(place))?,
            M => map.serialize_entry("M", &Members(place))?,
            SS => map.serialize_entry("SS", &Set(place, SS))?,
            NS => map.serialize_entry("NS", &Set(place, NS))?,
            BS => map.serialize_entry("BS", &Set(place, BS))?,
            other => return Err(Z::Error::custom(format!("a stored item has a type {other}"))),
        }
        map.end()
    }
}

impl Serialize for List<'_, '_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let count = next(self.0, get_length)?;
        let mut list = serializer.serialize_seq(Some(count))?;
        for _ in 0..count {
            list.serialize_element(&Any(self.0))?;
        }
        list.end()
    }
}

impl Serialize for Set<'_, '_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Self(place, kind) = *self;
        let count = next(place, get_length)?;
        let mut list = serializer.serialize_seq(Some(count))?;
        for _ in 0..count {
            match kind {
                SS => list.serialize_element(next_text(place)?)?,
                NS => list.serialize_element(&next(place, get_number)?)?,
                _ => list.serialize_element(&next_base64(place)?)?,
            }
        }
        list.end()
    }
}

#[cfg(test)]
mod tests;
