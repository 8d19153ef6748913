//! Which keys a query or scan reads.

use super::{
    item_key::{fits, values},
    table::Table,
};
use crate::{Error, keys};
use expression::{Condition, Item, KeyRange, ReceivedItem, Value};
use kv::{Key, Range};
use std::ops::Bound;

/// The keys of the items that a query reads.
pub(crate) fn query_range(table: &Table, keys: &KeyRange) -> Range {
    let prefix = || keys::partition_prefix(&table.store, &keys.partition);
    let all = prefix().range();
    let Some(condition) = &keys.sort else { return all };
    let at = |sort: &[u8]| prefix().bytes(sort).build();
    // No other key begins with a whole one: an element's end is part of it.
    let behind = |sort: &[u8]| prefix().bytes(sort).range().end;
    let (low, high) = condition.range();
    let start = match low {
        Bound::Unbounded => all.start,
        Bound::Included(sort) => at(&sort),
        Bound::Excluded(sort) => behind(&sort),
    };
    let end = match high {
        Bound::Unbounded => all.end,
        Bound::Included(sort) => behind(&sort),
        Bound::Excluded(sort) => at(&sort),
    };
    Range::new(start, end)
}

/// What is left of a range behind the key where the last page ended.
pub(crate) fn resume(range: Range, start: Option<&Key>, reverse: bool) -> Range {
    match start {
        None => range,
        Some(start) if reverse => range.before(start),
        Some(start) => range.after(start),
    }
}

/// The place of an `ExclusiveStartKey`, and its partition and sort key; `None` if it is no key of
/// the table.
pub(crate) fn start_key<'i>(
    table: &Table,
    start: &'i Item,
) -> Option<(Key, &'i Value, Option<&'i Value>)> {
    if !fits(table, start) {
        return None;
    }
    let (partition, sort) = values(table, start)?;
    Some((keys::item(&table.store, partition, sort), partition, sort))
}

/// Refuses an `ExclusiveStartKey` with invalid values.
pub(crate) fn check_start_key(start: Option<&ReceivedItem>) -> Result<(), Error> {
    let Some(start) = start else { return Ok(()) };
    match start.check() {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(Error::validation(format!("The provided starting key is invalid: {error}")))
        }
    }
}

/// Tables have no secondary indexes.
pub(crate) fn check_index(name: Option<&String>) -> Result<(), Error> {
    match name {
        None => Ok(()),
        Some(name) => {
            Err(Error::validation(format!("The table does not have the specified index: {name}")))
        }
    }
}

/// The filter of a query can not ask for what the key condition asks for.
pub(crate) fn check_filter(table: &Table, filter: Option<&Condition>) -> Result<(), Error> {
    let Some(filter) = filter else { return Ok(()) };
    let is_key = |name: &str| table.schema.attributes().any(|attribute| attribute.name == name);
    match filter.paths().into_iter().find(|path| is_key(path.attribute())) {
        None => Ok(()),
        Some(path) => Err(Error::validation(format!(
            "Filter Expression can only contain non-primary key attributes: Primary key \
             attribute: {}",
            path.attribute()
        ))),
    }
}
