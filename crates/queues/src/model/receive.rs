//! How messages leave a queue.

use super::{
    Flight, Handle, Message, Place, Queue,
    queue::{Name, find},
    send::{self, IN_FLIGHT},
};
use crate::{
    Error, config,
    keys::{self, Id, StoreId},
};
use clock::Ids;
use kv::{Key, KeyReader, Range, Scan, Transaction};
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
    /// Where in the window of ready messages to begin. Receivers that met a conflict begin
    /// elsewhere, so that they do not meet again.
    pub(crate) spread: bool,
}

/// A received message.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) message: Message,
    pub(crate) handle: Handle,
    pub(crate) receives: u32,
    pub(crate) first_received: Timestamp,
}

impl Received {
    /// The system attributes that `names` asks for; `All` asks for every one that the message has.
    pub(crate) fn system_attributes(&self, names: &[String]) -> BTreeMap<String, String> {
        let Message { sender, sent, trace_header, group_id, dead_letter_source, .. } =
            &self.message;
        let first_received = self.first_received.as_millis().to_string();
        let source = dead_letter_source.as_ref().map(ToString::to_string);
        let all = [
            ("SenderId", Some(sender.clone())),
            ("SentTimestamp", Some(sent.as_millis().to_string())),
            ("ApproximateReceiveCount", Some(self.receives.to_string())),
            ("ApproximateFirstReceiveTimestamp", Some(first_received)),
            ("AWSTraceHeader", trace_header.clone()),
            ("MessageGroupId", group_id.clone()),
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

    fn are_due(&self, store: &StoreId, now: Timestamp) -> bool {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() > Self::MAX_QUEUES {
            looks.clear();
        }
        let last = looks.entry(store.clone()).or_default();
        let due = now >= *last + config::PROMOTION_INTERVAL;
        if due {
            *last = now;
        }
        due
    }
}

/// A message that may be taken.
struct Candidate {
    key: Key,
    place: Place,
    /// The hidden ones have a flight record, which must go too.
    hidden: bool,
}

/// Takes up to `wanted.limit` messages and hides them.
pub(crate) async fn receive(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    promotions: &Promotions,
) -> Result<Vec<Received>, Error> {
    let ready = ready_candidates(tx, queue, wanted).await?;
    let mut candidates = Vec::new();
    if ready.len() < wanted.limit || promotions.are_due(&queue.store, wanted.now) {
        candidates = due_candidates(tx, queue, wanted).await?;
    }
    candidates.extend(ready);
    let mut received = Vec::new();
    for candidate in candidates {
        if received.len() == wanted.limit {
            break;
        }
        if let Some(message) = take(tx, queue, wanted, candidate).await? {
            received.push(message);
        }
    }
    Ok(received)
}

/// Ready messages from the head of the queue on.
async fn ready_candidates(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Vec<Candidate>, Error> {
    let cursor_key = keys::ready_cursor(&queue.store);
    let cursor = tx.get_snapshot(&cursor_key).await?;
    let all = Range::prefix(&keys::ready(&queue.store));
    let start = cursor.clone().unwrap_or_else(|| all.start.clone());
    let range = Range::new(start, all.end);
    let window = if wanted.spread { config::READY_WINDOW } else { wanted.limit };
    let mut entries = tx.scan(&range, Scan::first(window).snapshot()).await?;
    if let Some(first) = entries.first()
        && cursor.as_ref() != Some(&first.key)
    {
        // New messages get greater stamps, so nothing can appear before the first that is there.
        tx.put(cursor_key, first.key.clone())?;
    }
    if wanted.spread && entries.len() > wanted.limit {
        let offset = wanted.ids.below((entries.len() - wanted.limit + 1) as u32);
        entries.rotate_left(offset as usize);
    }
    entries
        .into_iter()
        .map(|entry| {
            let place = kv::decode_record(&entry.value)?;
            Ok(Candidate { key: entry.key, place, hidden: false })
        })
        .collect()
}

/// Hidden messages whose time has come.
async fn due_candidates(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
) -> Result<Vec<Candidate>, Error> {
    let cursor_key = keys::hidden_cursor(&queue.store);
    let cursor = tx.get_snapshot(&cursor_key).await?;
    let all = keys::all_hidden(&queue.store);
    let start = cursor.clone().unwrap_or(all.start);
    let after_now = wanted.now + Duration::from_millis(1);
    let range = Range::new(start, keys::hidden_from(&queue.store, after_now).build());
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let entries = tx.scan(&range, Scan::first(wanted.limit).snapshot()).await?;
    advance_hidden_cursor(tx, queue, wanted.now, cursor, entries.first().map(|e| &e.key))?;
    let mut candidates = Vec::new();
    for entry in entries {
        let (visible_at, id) = read_hidden(&entry.key)?;
        let flight: Option<Flight> = tx.get_record(&keys::flight(&queue.store, &id)).await?;
        if let Some(flight) = flight.filter(|flight| flight.visible_at == visible_at) {
            let Flight { receives, first_received, .. } = flight;
            let place = Place { id, receives, first_received };
            candidates.push(Candidate { key: entry.key, place, hidden: true });
        }
    }
    Ok(candidates)
}

/// Moves the cursor up to what is hidden first, but never into the time in which a transaction
/// that is still open may yet hide something.
fn advance_hidden_cursor(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
    before: Option<Key>,
    first: Option<&Key>,
) -> Result<(), Error> {
    let safe = keys::hidden_from(&queue.store, now - config::HIDDEN_SLACK).build();
    let cursor = first.filter(|first| **first < safe).cloned().unwrap_or(safe);
    let lag = now - config::HIDDEN_SLACK - config::CURSOR_STEP;
    let far_behind = keys::hidden_from(&queue.store, lag).build();
    // A little progress is not worth a write.
    if cursor > far_behind && before.is_none_or(|before| before < far_behind) {
        tx.put(keys::hidden_cursor(&queue.store), cursor)?;
    }
    Ok(())
}

fn read_hidden(key: &Key) -> Result<(Timestamp, Id), kv::Error> {
    let mut reader = KeyReader::new(keys::HIDDEN, key)?;
    // Account, region and name, then the store's id.
    for _ in 0..3 {
        reader.str()?;
    }
    reader.fixed16()?;
    Ok((Timestamp::from_millis(reader.u64()?), reader.fixed16()?))
}

/// Takes one candidate, unless it is gone, has expired, or belongs to the dead-letter queue.
async fn take(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    candidate: Candidate,
) -> Result<Option<Received>, Error> {
    let Candidate { key, place, hidden } = candidate;
    // The snapshot saw it; now it must still be there when this commits.
    if tx.get(&key).await?.is_none() {
        return Ok(None);
    }
    tx.delete(key)?;
    let body_key = keys::body(&queue.store, &place.id);
    let body = tx.get_snapshot(&body_key).await?;
    let Some(message) = body.map(|bytes| kv::decode_record::<Message>(&bytes)).transpose()? else {
        return Err(kv::Error::Corrupt(format!("a message of {:?} has no body", queue.name)).into());
    };
    let expires = message.sent + Duration::from_secs(queue.retention_seconds.into());
    let is_dead = queue.redrive.as_ref().is_some_and(|r| place.receives >= r.max_receive_count);
    if expires <= wanted.now {
        forget(tx, queue, &place.id, hidden)?;
        return Ok(None);
    }
    if is_dead && bury(tx, queue, wanted, &message).await? {
        forget(tx, queue, &place.id, hidden)?;
        return Ok(None);
    }
    hide(tx, queue, wanted, message, &place).map(Some)
}

/// Removes every trace of a message that was taken.
fn forget(tx: &mut Transaction, queue: &Queue, id: &Id, hidden: bool) -> Result<(), kv::Error> {
    tx.delete(keys::body(&queue.store, id))?;
    if hidden {
        tx.delete(keys::flight(&queue.store, id))?;
    }
    tx.add(keys::total(&queue.store), -1)
}

fn hide(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    message: Message,
    place: &Place,
) -> Result<Received, Error> {
    let flight = Flight {
        visible_at: wanted.now + wanted.visibility,
        receives: place.receives + 1,
        first_received: Some(place.first_received.unwrap_or(wanted.now)),
        receipt: u64::from_be_bytes(wanted.ids.bytes()),
    };
    tx.put_record(keys::flight(&queue.store, &place.id), &flight)?;
    tx.put(keys::hidden(&queue.store, flight.visible_at, &place.id), IN_FLIGHT)?;
    Ok(Received {
        handle: Handle { store: queue.store.id, message: place.id, receipt: flight.receipt },
        receives: flight.receives,
        first_received: place.first_received.unwrap_or(wanted.now),
        message,
    })
}

/// Puts a copy into the dead-letter queue; false if that queue is gone or does not accept it, in
/// which case the message stays where it is.
async fn bury(
    tx: &mut Transaction,
    queue: &Queue,
    wanted: &Wanted<'_>,
    message: &Message,
) -> Result<bool, Error> {
    let Some(redrive) = &queue.redrive else { return Ok(false) };
    let name = Name::of_arn(&redrive.target)?;
    let Some(target) = find(tx, &queue.store.account, &queue.store.region, &name).await? else {
        return Ok(false);
    };
    let source = queue.arn();
    if target.name == queue.name || !target.accepts_dead_letters_of(&source) {
        return Ok(false);
    }
    let letter = Message { dead_letter_source: Some(source), ..message.clone() };
    send::put(tx, &target, &letter, Duration::ZERO, wanted.now)?;
    Ok(true)
}

/// When the next hidden message becomes visible.
pub(crate) async fn next_visible(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<Option<Timestamp>, kv::Error> {
    let range = Range::new(
        keys::hidden_from(&queue.store, now).build(),
        keys::all_hidden(&queue.store).end,
    );
    let entries = tx.scan(&range, Scan::first(1).snapshot()).await?;
    entries.first().map(|entry| Ok(read_hidden(&entry.key)?.0)).transpose()
}

/// How many messages are where.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) ready: u64,
    pub(crate) in_flight: u64,
    pub(crate) delayed: u64,
}

/// Counts the hidden messages and takes the rest from the total.
pub(crate) async fn counts(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<Counts, kv::Error> {
    let total = tx.get_snapshot(&keys::total(&queue.store)).await?;
    let total = total.and_then(|bytes| bytes[..].try_into().ok()).map_or(0, i64::from_le_bytes);
    let mut counts = Counts::default();
    let mut range = Range::new(
        keys::hidden_from(&queue.store, now + Duration::from_millis(1)).build(),
        keys::all_hidden(&queue.store).end,
    );
    loop {
        let page = tx.scan(&range, Scan::first(config::JOB_STEP).snapshot()).await?;
        let delayed = page.iter().filter(|entry| entry.value == send::DELAYED).count() as u64;
        counts.delayed += delayed;
        counts.in_flight += page.len() as u64 - delayed;
        match page.last() {
            Some(last) if page.len() == config::JOB_STEP => range = range.after(&last.key),
            _ => break,
        }
    }
    let total = u64::try_from(total).unwrap_or_default();
    counts.ready = total.saturating_sub(counts.in_flight + counts.delayed);
    Ok(counts)
}
