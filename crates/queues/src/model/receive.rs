//! How messages leave a queue.

use super::{
    Bodies, Flight, Handle, Message, Place, Queue, Sequence, dead_letter::bury, fifo, hidden,
};
use crate::{
    Error, Queues, config,
    keys::{self, Id, StoreId},
};
use clock::Ids;
use kv::{Key, Range, Scan, Transaction};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use types::Timestamp;

/// What a receiver wants.
pub(crate) struct Wanted<'a> {
    /// At most this many messages.
    pub(crate) limit: usize,
    /// How long they stay hidden.
    pub(crate) visibility: Duration,
    pub(crate) now: Timestamp,
    pub(crate) ids: &'a Ids,
    /// Whether to begin anywhere in the window of ready messages. Receivers that met a conflict
    /// do, so that they do not meet again.
    pub(crate) spread: bool,
    /// Messages of one group of a FIFO queue only.
    pub(crate) one_group: bool,
    /// The `ReceiveRequestAttemptId`, for a FIFO queue.
    pub(crate) attempt: Option<&'a str>,
}

/// A received message.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) message: Message,
    pub(crate) handle: Handle,
    pub(crate) receives: u32,
    pub(crate) first_received: Timestamp,
    /// Of a FIFO queue.
    pub(crate) sequence: Option<Sequence>,
}

impl Received {
    /// The system attributes that `names` asks for; `All` asks for every one that the message has.
    pub(crate) fn system_attributes(&self, names: &[String]) -> BTreeMap<String, String> {
        let Message { sender, sent, trace_header, group_id, dead_letter_source, .. } =
            &self.message;
        let deduplication_id = self.message.deduplication_id.clone();
        let first_received = self.first_received.as_millis().to_string();
        let source = dead_letter_source.as_ref().map(ToString::to_string);
        let all = [
            ("SenderId", Some(sender.clone())),
            ("SentTimestamp", Some(sent.as_millis().to_string())),
            ("ApproximateReceiveCount", Some(self.receives.to_string())),
            ("ApproximateFirstReceiveTimestamp", Some(first_received)),
            ("AWSTraceHeader", trace_header.clone()),
            ("MessageGroupId", group_id.clone()),
            ("MessageDeduplicationId", deduplication_id),
            ("SequenceNumber", self.sequence.map(|sequence| sequence.to_string())),
            ("DeadLetterQueueSourceArn", source),
        ];
        let is_wanted = |name: &str| names.iter().any(|n| n == "All" || n == name);
        all.into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .filter(|(name, _)| is_wanted(name))
            .collect()
    }
}

/// When this process last looked for hidden messages that have become visible: while ready
/// messages are plenty, it need not look every time.
#[derive(Debug, Default)]
pub(crate) struct Promotions(Mutex<HashMap<StoreId, Timestamp>>);

impl Promotions {
    const MAX_QUEUES: usize = 10_000;

    pub(super) fn are_due(&self, store: &StoreId, now: Timestamp) -> bool {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() > Self::MAX_QUEUES {
            looks.clear();
        }
        let last = looks.entry(store.clone()).or_default();
        let due = now < *last || now >= *last + config::PROMOTION_INTERVAL;
        if due {
            *last = now;
        }
        due
    }
}

/// What a receive came to.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) received: Vec<Received>,
    /// Messages that were taken but are not for the receiver: expired ones and dead letters. After
    /// them others may lie that this receive has not seen.
    pub(crate) dropped: usize,
    /// Bytes that were copied into the dead-letter queue.
    pub(super) copied: u64,
}

/// A message that may be taken, in its place among the ready ones or hidden.
enum Candidate {
    Ready(Key, Place),
    Due(Flight),
}

/// Takes up to `wanted.limit` messages and hides them.
///
/// # Errors
/// As many messages are in flight as may be.
pub(crate) async fn receive(
    service: &Queues,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Taken, Error> {
    if queue.fifo.is_some() {
        return fifo::receive(service, tx, queue, wanted).await;
    }
    let limit = service.in_flight.room(tx, queue, wanted.limit, wanted.now).await?;
    let wanted = &Wanted { limit, ..*wanted };
    let ready = ready(tx, queue, wanted).await?;
    let mut candidates = Vec::new();
    if ready.len() < wanted.limit || service.promotions.are_due(&queue.store, wanted.now) {
        let due = hidden::due(tx, &queue.store, wanted.now, wanted.limit).await?;
        candidates.extend(due.into_iter().map(Candidate::Due));
    }
    candidates.extend(ready);
    let mut taken = Taken::default();
    for candidate in candidates {
        if taken.received.len() == wanted.limit || taken.copied >= config::DEAD_LETTER_BYTES {
            break;
        }
        take(&service.bodies, tx, queue, wanted, candidate, &mut taken).await?;
    }
    keys::timeline(&queue.store, keys::HIDDEN).raise_cursor(tx, wanted.now).await?;
    Ok(taken)
}

/// Ready messages from the head of the queue on.
async fn ready(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Vec<Candidate>, Error> {
    let all = Range::prefix(&keys::ready(&queue.store));
    let entries = head(tx, &all, keys::ready_cursor(&queue.store), wanted).await?;
    let candidate =
        |entry: kv::Entry| Ok(Candidate::Ready(entry.key, kv::decode_record(&entry.value)?));
    entries.into_iter().map(candidate).collect()
}

/// Entries of a list of stamped keys from its cursor on.
pub(super) async fn head(
    tx: &mut Transaction,
    all: &Range,
    cursor_key: Key,
    wanted: &Wanted<'_>,
) -> Result<Vec<kv::Entry>, kv::Error> {
    let cursor = tx.get_snapshot(&cursor_key).await?;
    let start = cursor.clone().unwrap_or_else(|| all.start.clone());
    let window = if wanted.spread { config::READY_WINDOW } else { wanted.limit };
    let range = Range::new(start, all.end.clone());
    let mut entries = tx.scan(&range, Scan::first(window).snapshot()).await?;
    if let Some(first) = entries.first()
        && cursor.as_ref() != Some(&first.key)
    {
        // New keys get greater stamps, so nothing can appear before the first that is there.
        tx.put(cursor_key, first.key.clone())?;
    }
    if wanted.spread && entries.len() > wanted.limit {
        let offset = wanted.ids.below((entries.len() - wanted.limit + 1) as u32);
        entries.rotate_left(offset as usize);
    }
    Ok(entries)
}

/// The ready messages from their cursor on, and the cursor.
async fn ready_range(
    tx: &mut Transaction,
    store: &StoreId,
) -> Result<(Range, Option<Key>), kv::Error> {
    let cursor = tx.get_snapshot(&keys::ready_cursor(store)).await?;
    let all = Range::prefix(&keys::ready(store));
    let start = cursor.clone().unwrap_or_else(|| all.start.clone());
    Ok((Range::new(start, all.end), cursor))
}

/// Takes one candidate: hides it for the receiver, or drops it if it has expired or is to go to
/// the dead-letter queue.
async fn take(
    bodies: &Bodies,
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    candidate: Candidate,
    taken: &mut Taken,
) -> Result<(), Error> {
    let place = match candidate {
        Candidate::Ready(key, place) => {
            take_key(tx, key)?;
            place
        }
        Candidate::Due(flight) => {
            hidden::unhide(tx, &queue.store, &flight)?;
            flight.place
        }
    };
    if place.has_expired(queue, wanted.now) {
        taken.dropped += 1;
        return Ok(forget(tx, queue, &place.id)?);
    }
    let message = bodies.load(tx, &queue.store, &place.id).await?;
    let is_dead = queue.redrive.as_ref().is_some_and(|r| place.receives >= r.max_receive_count);
    if is_dead && bury(bodies, tx, queue, &message, wanted.now).await? {
        taken.dropped += 1;
        taken.copied += message.size();
        return Ok(forget(tx, queue, &place.id)?);
    }
    taken.received.push(hand_over(tx, queue, wanted, message, place).await?);
    Ok(())
}

/// Deletes the key of a ready message. The snapshot saw it; it must still be there when this
/// commits, so that each message goes to one receiver.
fn take_key(tx: &mut Transaction, key: Key) -> Result<(), kv::Error> {
    tx.require_read(&key);
    tx.delete(key)
}

/// Removes a message that lies nowhere any more.
pub(crate) fn forget(tx: &mut Transaction, queue: &Queue, id: &Id) -> Result<(), kv::Error> {
    tx.delete(keys::body(&queue.store, id))?;
    tx.add(keys::total(&queue.store), -1)
}

/// Hides a message and makes the handle for it.
async fn hand_over(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    message: Message,
    place: Place,
) -> Result<Received, Error> {
    let first_received = place.first_received.unwrap_or(wanted.now);
    let receives = place.receives + 1;
    let handle = Handle {
        queue: queue.id,
        message: place.id,
        receipt: u64::from_be_bytes(wanted.ids.bytes()),
        group: None,
    };
    let flight = Flight {
        place: Place { receives, first_received: Some(first_received), ..place },
        hidden_at: wanted.now,
        visible_at: wanted.now + wanted.visibility,
        receipt: handle.receipt,
    };
    hidden::hide(tx, &queue.store, &flight).await?;
    Ok(Received { message, handle, receives, first_received, sequence: None })
}

/// Drops expired messages at the head of the ready ones. The answer is how many.
pub(crate) async fn expire_ready(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<usize, Error> {
    let (range, _) = ready_range(tx, &queue.store).await?;
    let entries = tx.scan(&range, Scan::first(config::JOB_STEP).snapshot()).await?;
    let mut expired = 0;
    for entry in entries {
        let place: Place = kv::decode_record(&entry.value)?;
        // They lie in the order in which they were sent or came back: the first that is young
        // enough ends the look.
        if !place.has_expired(queue, now) {
            break;
        }
        tx.put(keys::ready_cursor(&queue.store), entry.key.clone())?;
        take_key(tx, entry.key)?;
        forget(tx, queue, &place.id)?;
        expired += 1;
    }
    Ok(expired)
}
