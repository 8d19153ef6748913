//! From the key attributes of an item to its place in the store.

use super::table::Table;
use crate::{Error, keys};
use expression::{
    Item, KeyAttribute, Value,
    limits::{MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES},
};
use kv::Key;

/// The place of an item that is to be written.
pub(crate) fn from_item(table: &Table, item: &Item) -> Result<Key, Error> {
    for attribute in table.schema.attributes() {
        let name = &attribute.name;
        let Some(value) = item.get(name) else {
            return Err(Error::invalid(format_args!("Missing the key {name} in the item")));
        };
        let (expected, actual) = (attribute.key_type.value_type(), value.value_type());
        if expected != actual {
            return Err(Error::invalid(format_args!(
                "Type mismatch for key {name} expected: {expected} actual: {actual}"
            )));
        }
    }
    place(table, item)
}

/// The place of a key, which has the attributes of the key schema and no others.
pub(crate) fn from_key(table: &Table, key: &Item) -> Result<Key, Error> {
    if !fits(table, key) {
        return Err(Error::validation("The provided key element does not match the schema"));
    }
    place(table, key)
}

/// Whether a key has the attributes of the key schema, of the right types, and no others.
pub(crate) fn fits(table: &Table, key: &Item) -> bool {
    let fits = |attribute: &KeyAttribute| {
        let value = key.get(&attribute.name);
        value.is_some_and(|value| value.value_type() == attribute.key_type.value_type())
    };
    key.len() == table.schema.attributes().count() && table.schema.attributes().all(fits)
}

/// The key attributes of an item.
pub(crate) fn key_attributes(table: &Table, item: &Item) -> Item {
    let names = table.schema.attributes().map(|attribute| &attribute.name);
    names.filter_map(|name| item.get_key_value(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// The partition and the sort key of an item that has them.
pub(crate) fn values<'i>(table: &Table, item: &'i Item) -> Option<(&'i Value, Option<&'i Value>)> {
    let partition = item.get(&table.schema.partition.name)?;
    match &table.schema.sort {
        None => Some((partition, None)),
        Some(sort) => Some((partition, Some(item.get(&sort.name)?))),
    }
}

fn place(table: &Table, item: &Item) -> Result<Key, Error> {
    let missing = || Error::validation("The provided key element does not match the schema");
    let (partition, sort) = values(table, item).ok_or_else(missing)?;
    check_value(&table.schema.partition, partition)?;
    if partition.bytes() > MAX_PARTITION_KEY_BYTES {
        return Err(Error::invalid(format_args!(
            "Size of hashkey has exceeded the maximum size limit of{MAX_PARTITION_KEY_BYTES} bytes"
        )));
    }
    if let (Some(attribute), Some(sort)) = (&table.schema.sort, sort) {
        check_value(attribute, sort)?;
        if sort.bytes() > MAX_SORT_KEY_BYTES {
            return Err(Error::invalid(format_args!(
                "Aggregated size of all range keys has exceeded the size limit of \
                 {MAX_SORT_KEY_BYTES} bytes"
            )));
        }
    }
    Ok(keys::item(&table.store, partition, sort))
}

/// Key values are never empty.
pub(crate) fn check_value(attribute: &KeyAttribute, value: &Value) -> Result<(), Error> {
    let kind = match value {
        Value::S(text) if text.is_empty() => "string",
        Value::B(bytes) if bytes.is_empty() => "binary",
        _ => return Ok(()),
    };
    Err(Error::validation(format!(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot \
         contain an empty {kind} value. Key: {}",
        attribute.name
    )))
}
