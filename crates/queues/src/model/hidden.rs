//! Messages that wait for their time: in flight or delayed.

use super::{Flight, Queue, fifo, receive::forget};
use crate::{
    Error, config,
    keys::{self, Id, StoreId},
};
use kv::{Entry, Transaction, Value};
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
    let value = if flight.place.receives == 0 { DELAYED } else { IN_FLIGHT };
    keys::timeline(store, keys::HIDDEN).insert(tx, key, value).await?;
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
    let entries = keys::timeline(store, keys::HIDDEN).due(tx, now, limit).await?;
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
    if queue.fifo.is_some() {
        return fifo::next_visible(tx, queue, now).await;
    }
    let next = keys::timeline(&queue.store, keys::HIDDEN).next(tx, now).await?;
    next.map(|entry| Ok(read_key(&entry)?.0)).transpose()
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

fn read_key(entry: &Entry) -> Result<(Timestamp, Id), kv::Error> {
    let mut reader = keys::after_store(keys::HIDDEN, &entry.key)?;
    Ok((Timestamp::from_millis(reader.u64()?), reader.fixed16()?))
}
