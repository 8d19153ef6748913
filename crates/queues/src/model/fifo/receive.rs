//! How messages leave a FIFO queue: as many as possible of one group, then of the next.

use super::{Flight, Sequence, attempts, delay, is_delayed, load, lock};
use crate::{
    Error, Queues, config, keys,
    model::{
        Handle, Place, Queue, Received, Taken, Wanted,
        dead_letter::bury,
        receive::{forget, head},
    },
};
use kv::{Entry, Key, Range, Scan, Transaction};
use types::Timestamp;

/// A group that nobody holds, and the key of the list in which it waits.
pub(super) struct Candidate {
    pub(super) origin: Key,
    pub(super) name: String,
}

/// Takes up to `wanted.limit` messages and locks their groups.
///
/// # Errors
/// As many messages are in flight as may be.
pub(crate) async fn receive(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Taken, Error> {
    if let Some(received) = attempts::repeat(service, tx, queue, wanted).await? {
        return Ok(Taken { received, ..Taken::default() });
    }
    let limit = service.in_flight.room(tx, queue, wanted.limit, wanted.now).await?;
    let wanted = &Wanted { limit, ..*wanted };
    let mut taken = Taken::default();
    for candidate in candidates(service, tx, queue, wanted).await? {
        let is_enough = wanted.one_group && !taken.received.is_empty();
        if is_enough || taken.received.len() == limit || taken.copied >= config::DEAD_LETTER_BYTES {
            break;
        }
        take(service, tx, queue, wanted, candidate, &mut taken).await?;
    }
    let store = &queue.store;
    keys::timeline(store, keys::LOCKED).raise_cursor(tx, wanted.now).await?;
    if queue.delay_seconds > 0 {
        let now = wanted.now - delay(queue);
        keys::timeline(store, keys::DELAYED).raise_cursor(tx, now).await?;
    }
    attempts::save(tx, queue, wanted, &taken.received)?;
    Ok(taken)
}

/// Groups that can be taken from: those whose time has come first, then those with a ticket.
async fn candidates(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Vec<Candidate>, Error> {
    let store = &queue.store;
    let tickets = Range::prefix(&keys::tickets(store));
    let tickets = head(tx, &tickets, keys::ticket_cursor(store), wanted).await?;
    let mut candidates = Vec::new();
    if tickets.len() < wanted.limit || service.promotions.are_due(store, wanted.now) {
        let lists = [(keys::LOCKED, wanted.now), (keys::DELAYED, wanted.now - delay(queue))];
        for (tag, now) in lists {
            for entry in keys::timeline(store, tag).due(tx, now, wanted.limit).await? {
                let (_, name) = keys::read_timed_group(tag, &entry.key)?;
                candidates.push(Candidate { origin: entry.key, name });
            }
        }
    }
    for entry in tickets {
        candidates.push(ticket(entry)?);
    }
    Ok(candidates)
}

/// The group of a ticket.
pub(super) fn ticket(entry: Entry) -> Result<Candidate, kv::Error> {
    let name = String::from_utf8(entry.value.to_vec());
    let name = name.map_err(|_| kv::Error::Corrupt("a ticket without a group".to_owned()))?;
    Ok(Candidate { origin: entry.key, name })
}

/// Takes messages from the head of a group, without those that have expired or are to go to the
/// dead-letter queue. Two receivers never take from one group: both write its record.
async fn take(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    candidate: Candidate,
    taken: &mut Taken,
) -> Result<(), Error> {
    let Candidate { origin, name } = candidate;
    tx.delete(origin)?;
    let mut group = load(tx, &queue.store, &name).await?;
    let room = Scan::first(wanted.limit - taken.received.len()).snapshot();
    let mut flights = Vec::new();
    for entry in tx.scan(&group.places(&queue.store, &name), room).await? {
        let place: Place = kv::decode_record(&entry.value)?;
        if is_delayed(queue, place.sent, wanted.now) || taken.copied >= config::DEAD_LETTER_BYTES {
            break;
        }
        if drop_one(service, tx, queue, &place, wanted.now, taken).await? {
            tx.delete(entry.key)?;
            continue;
        }
        let (received, flight) =
            hand_over(service, tx, queue, wanted, &name, (entry.key, place)).await?;
        flights.push(flight);
        taken.received.push(received);
    }
    if let Some(first) = flights.first() {
        group.head = Some(first.stamp);
    }
    // With a visibility timeout of zero the lock is over at once.
    Ok(lock(tx, queue, &name, group, flights, wanted.now).await?)
}

/// Drops a message that has expired or has been received too often; true if it did.
async fn drop_one(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    place: &Place,
    now: Timestamp,
    taken: &mut Taken,
) -> Result<bool, Error> {
    if !place.has_expired(queue, now) {
        let is_dead = queue.redrive.as_ref().is_some_and(|r| place.receives >= r.max_receive_count);
        if !is_dead {
            return Ok(false);
        }
        let message = service.bodies.load(tx, &queue.store, &place.id).await?;
        if !bury(&service.bodies, tx, queue, &message, now).await? {
            return Ok(false);
        }
        taken.copied += message.size();
    }
    taken.dropped += 1;
    forget(tx, queue, &place.id)?;
    Ok(true)
}

/// Counts the receive of a message and makes the handle for it.
async fn hand_over(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    name: &str,
    (key, place): (Key, Place),
) -> Result<(Received, Flight), Error> {
    let message = service.bodies.load(tx, &queue.store, &place.id).await?;
    let stamp = keys::last_stamp(&key)?;
    let first_received = place.first_received.unwrap_or(wanted.now);
    let receives = place.receives + 1;
    let receipt = u64::from_be_bytes(wanted.ids.bytes());
    let flight = Flight {
        stamp: *stamp.as_bytes(),
        id: place.id,
        receipt,
        hidden_at: wanted.now,
        visible_at: wanted.now + wanted.visibility,
    };
    let group = Some(name.to_owned());
    let handle = Handle { queue: queue.id, message: place.id, receipt, group };
    let place = Place { receives, first_received: Some(first_received), ..place };
    tx.put_record(key, &place)?;
    let sequence = Some(Sequence::At(stamp));
    Ok((Received { message, handle, receives, first_received, sequence }, flight))
}
