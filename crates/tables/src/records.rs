//! What tables keep in the store, for checks and backups.

use crate::{
    keys::{BYTES, COUNT, ITEM, TABLE},
    model::{Stored, Table},
};
use kv::KeyReader;
use service::Records;

/// What lies under each of its key tags.
#[must_use]
pub fn records() -> Vec<Records> {
    vec![
        Records::plain::<Table>(TABLE, "table"),
        Records::new(ITEM, "item", |entry, _| {
            let mut key = KeyReader::new(ITEM, &entry.key)?;
            key.fixed16()?;
            key.fixed16()?;
            Stored::read(entry.value.clone())?.decode().map(drop)
        }),
        Records::numbers(COUNT, "count of items"),
        Records::numbers(BYTES, "size of a table"),
    ]
}
