//! Messages that wait for their time: in flight or delayed.
//!
//! They lie in the order of their times. Those that were deleted leave tombstones there, so whoever
//! looks for due ones starts at a cursor. The cursor is never above a hidden message: who hides one
//! reads it in the same transaction and lowers it if need be, and who raises it reads the keys that
//! it passes. So it needs no trust in any clock.

use super::{Flight, Queue, receive::forget};
use crate::{
    Error, config,
    keys::{self, Id, StoreId},
};
use kv::{Entry, Key, KeyReader, Range, Scan, Transaction, Value};
use std::time::Duration;
use types::Timestamp;

/// The value of a hidden key of a message that was never received.
pub(crate) const DELAYED: Value = Value::from_static(&[1]);
/// The value of a hidden key of a message in flight.
const IN_FLIGHT: Value = Value::from_static(&[0]);

/// Hides a message.
pub(crate) async fn hide(
    tx: &mut Transaction,
    store: &StoreId,
    flight: &Flight,
) -> Result<(), kv::Error> {
    let id = &flight.place.id;
    let key = keys::hidden(store, flight.visible_at, id);
    let cursor_key = keys::hidden_cursor(store);
    if tx.get(&cursor_key).await?.is_some_and(|cursor| key < cursor) {
        tx.put(cursor_key, key.clone())?;
    }
    tx.put(key, if flight.place.receives == 0 { DELAYED } else { IN_FLIGHT })?;
    tx.put_record(keys::flight(store, id), flight)
}

/// Removes what [`hide`] wrote.
pub(crate) fn unhide(
    tx: &mut Transaction,
    store: &StoreId,
    flight: &Flight,
) -> Result<(), kv::Error> {
    let id = &flight.place.id;
    tx.delete(keys::hidden(store, flight.visible_at, id))?;
    tx.delete(keys::flight(store, id))
}

/// Up to `limit` hidden messages whose time has come; tracked, so that each goes to one receiver.
pub(crate) async fn due(
    tx: &mut Transaction,
    store: &StoreId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Flight>, kv::Error> {
    let start = start(tx, store).await?;
    let end = keys::hidden_from(store, now + Duration::from_millis(1)).build();
    let entries = tx.scan(&Range::new(start, end), Scan::first(limit).snapshot()).await?;
    let mut flights = Vec::with_capacity(entries.len());
    for entry in entries {
        let (_, id) = read_key(&entry)?;
        let flight: Option<Flight> = tx.get_record(&keys::flight(store, &id)).await?;
        flights.push(flight.ok_or_else(|| kv::Error::Corrupt("no flight of a message".into()))?);
    }
    Ok(flights)
}

/// When the next hidden message becomes visible.
pub(crate) async fn next_visible(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<Option<Timestamp>, kv::Error> {
    let start = keys::hidden_from(&queue.store, now).build();
    let range = Range::new(start, keys::all_hidden(&queue.store).end);
    let entries = tx.scan(&range, Scan::first(1).snapshot()).await?;
    entries.first().map(|entry| Ok(read_key(entry)?.0)).transpose()
}

/// Raises the cursor, if it has fallen behind.
pub(crate) async fn raise_cursor(
    tx: &mut Transaction,
    store: &StoreId,
    now: Timestamp,
) -> Result<(), kv::Error> {
    let cursor_key = keys::hidden_cursor(store);
    let cursor = tx.get_snapshot(&cursor_key).await?;
    // A little progress is not worth a write, and least of all the only one of a transaction.
    let step = if tx.is_read_only() { config::IDLE_CURSOR_STEP } else { config::CURSOR_STEP };
    let highest = now - config::CURSOR_LAG;
    if cursor.as_ref().is_some_and(|c| *c >= keys::hidden_from(store, highest - step).build()) {
        return Ok(());
    }
    tx.require_read(&cursor_key);
    let start = cursor.clone().unwrap_or_else(|| keys::all_hidden(store).start);
    let passed = Range::new(start, keys::hidden_from(store, highest).build());
    let first = tx.scan(&passed, Scan::first(1)).await?.pop();
    let raised = first.map_or(passed.end, |entry| entry.key);
    if cursor.as_ref() != Some(&raised) {
        tx.put(cursor_key, raised)?;
    }
    Ok(())
}

/// Drops expired messages among the due ones that nobody came for. The answer is how many.
pub(crate) async fn expire(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut expired = 0;
    for flight in due(tx, &queue.store, now, config::JOB_STEP).await? {
        if flight.place.has_expired(queue, now) {
            unhide(tx, &queue.store, &flight)?;
            forget(tx, queue, &flight.place.id)?;
            expired += 1;
        }
    }
    Ok(expired)
}

async fn start(tx: &mut Transaction, store: &StoreId) -> Result<Key, kv::Error> {
    let cursor = tx.get_snapshot(&keys::hidden_cursor(store)).await?;
    Ok(cursor.unwrap_or_else(|| keys::all_hidden(store).start))
}

fn read_key(entry: &Entry) -> Result<(Timestamp, Id), kv::Error> {
    let mut reader = KeyReader::new(keys::HIDDEN, &entry.key)?;
    // Account, region and name, then the store's id.
    for _ in 0..3 {
        reader.str()?;
    }
    reader.fixed16()?;
    Ok((Timestamp::from_millis(reader.u64()?), reader.fixed16()?))
}
