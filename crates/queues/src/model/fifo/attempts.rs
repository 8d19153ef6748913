//! Receives that are tried again under their `ReceiveRequestAttemptId`.

use super::{Sequence, settle::Held};
use crate::{
    Error, Queues, config, keys,
    model::{Handle, Place, Queue, Received, Wanted},
};
use kv::{Record, Stamp, Transaction};
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// What a receive gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attempted {
    pub(crate) at: Timestamp,
    pub(crate) given: Vec<Given>,
}

/// A message that was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Given {
    group: String,
    receipt: u64,
    visible_at: Timestamp,
}

impl Record for Attempted {
    const VERSION: u8 = 1;
}

impl Attempted {
    /// Whether it can be tried again no longer.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.at + config::ATTEMPT_INTERVAL
    }
}

/// Keeps what a receive gave under its id, if it has one.
pub(super) fn save(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    received: &[Received],
) -> Result<(), Error> {
    let Some(id) = wanted.attempt.filter(|_| !received.is_empty()) else { return Ok(()) };
    write(tx, queue, id, wanted, wanted.now, received)
}

fn write(
    tx: &mut Transaction,
    queue: &Queue,
    id: &str,
    wanted: &Wanted<'_>,
    at: Timestamp,
    received: &[Received],
) -> Result<(), Error> {
    let given = received.iter().map(|one| Given {
        group: one.handle.group.clone().unwrap_or_default(),
        receipt: one.handle.receipt,
        visible_at: wanted.now + wanted.visibility,
    });
    let attempted = Attempted { at, given: given.collect() };
    Ok(tx.put_record(keys::attempt(&queue.store, id), &attempted)?)
}

/// What the receive of this id gave, hidden anew; nothing if there was none, if it is too old, or if
/// one of its messages was deleted, changed or has become visible since.
pub(super) async fn repeat(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Option<Vec<Received>>, Error> {
    let Some(id) = wanted.attempt else { return Ok(None) };
    let found: Option<Attempted> = tx.get_record(&keys::attempt(&queue.store, id)).await?;
    let Some(attempted) = found.filter(|attempted| !attempted.is_over(wanted.now)) else {
        return Ok(None);
    };
    for given in &attempted.given {
        let held = Held::find(tx, &queue.store, &given.group, given.receipt).await?;
        let is_same = |held: Held| {
            let visible_at = held.flight().visible_at;
            visible_at == given.visible_at && visible_at > wanted.now
        };
        if !held.is_some_and(is_same) {
            return Ok(None);
        }
    }
    let mut received = Vec::with_capacity(attempted.given.len());
    for given in &attempted.given {
        let held = Held::find(tx, &queue.store, &given.group, given.receipt).await?;
        if let Some(held) = held {
            received.push(read(service, tx, queue, &held).await?);
            held.hide_until(tx, queue, wanted.now + wanted.visibility, wanted.now).await?;
        }
    }
    write(tx, queue, id, wanted, attempted.at, &received)?;
    Ok(Some(received))
}

/// A message in flight as its receiver got it.
async fn read(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    held: &Held,
) -> Result<Received, Error> {
    let flight = held.flight();
    let stamp = Stamp::from_bytes(flight.stamp);
    let places = keys::places(&queue.store, &held.locked.name, held.locked.group.life);
    let place: Option<Place> = tx.get_record(&stamp.in_key(&places, &[])).await?;
    let lost = || kv::Error::Corrupt(format!("a place of {:?} is lost", queue.store.name));
    let place = place.ok_or_else(lost)?;
    let group = Some(held.locked.name.clone());
    Ok(Received {
        message: service.bodies.load(tx, &queue.store, &flight.id).await?,
        handle: Handle { queue: queue.id, message: flight.id, receipt: flight.receipt, group },
        receives: place.receives,
        first_received: place.first_received.unwrap_or(flight.hidden_at),
        sequence: Some(Sequence::At(stamp)),
    })
}
