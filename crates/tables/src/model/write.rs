//! How one item is read and changed. The counts of its table change with it.

use super::{stored::Stored, table::Table};
use crate::keys;
use kv::{Key, Transaction};

/// The item at a place, tracked: what a write decides by must still hold when it commits.
pub(crate) async fn read(tx: &mut Transaction, key: &Key) -> Result<Option<Stored>, kv::Error> {
    tx.get(key).await?.map(Stored::read).transpose()
}

/// Writes an item in the place of `before`.
pub(crate) fn put(
    tx: &mut Transaction,
    table: &Table,
    key: Key,
    before: Option<&Stored>,
    after: &Stored,
) -> Result<(), kv::Error> {
    tx.put(key, after.as_value())?;
    let items = if before.is_none() { 1 } else { 0 };
    count(tx, table, items, difference(before.map_or(0, Stored::size), after.size()))
}

/// Removes the item `before`.
pub(crate) fn remove(
    tx: &mut Transaction,
    table: &Table,
    key: Key,
    before: &Stored,
) -> Result<(), kv::Error> {
    tx.delete(key)?;
    count(tx, table, -1, difference(before.size(), 0))
}

fn difference(before: usize, after: usize) -> i64 {
    // Items have at most 400 KB.
    after as i64 - before as i64
}

fn count(tx: &mut Transaction, table: &Table, items: i64, bytes: i64) -> Result<(), kv::Error> {
    if items != 0 {
        tx.add(keys::count(&table.store), items)?;
    }
    if bytes != 0 {
        tx.add(keys::bytes(&table.store), bytes)?;
    }
    Ok(())
}
