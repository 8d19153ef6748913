//! FIFO queues: messages in groups, each group in order and in the hands of one receiver at a time.
//!
//! A group that has messages has one [`Group`] record, which says in which one of three lists it
//! waits: `TICKET` (it can be taken from), `DELAYED` (its first message is too young) or `LOCKED`
//! (messages of it are in flight). So receivers find a group without passing those that others
//! hold. See `docs/design/0008-fifo-queues.md`.

mod attempts;
mod count;
mod expire;
mod receive;
mod send;
mod sequence;
mod settle;

pub(crate) use attempts::Attempted;
pub(crate) use count::{counts, in_flight, next_visible};
pub(crate) use expire::{Progress, expire};
pub(crate) use receive::receive;
pub(crate) use send::{First, check_ids, put, send};
pub(crate) use sequence::Sequence;
pub(crate) use settle::{delete, finish, hide_until, hold, times};

use super::{Place, Queue};
use crate::keys::{self, Id, StoreId};
use kv::{Range, Record, Scan, Stamp, Transaction, Value};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use types::Timestamp;

/// A group that has messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Under which number its messages lie: another one each time that it gets its first message,
    /// so that nobody crosses what earlier messages left behind.
    pub(crate) life: u64,
    /// No message of this life lies before this stamp.
    pub(crate) head: Option<[u8; Stamp::BYTES]>,
    pub(crate) state: State,
}

impl Record for Group {
    const VERSION: u8 = 1;
}

/// Where a group waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    /// It can be taken from: it has a ticket.
    Ready,
    /// Its first message was sent at this time, and the delay of the queue is not over.
    Delayed(Timestamp),
    /// Messages of it are in flight.
    Locked(Lock),
}

/// Messages of one group that are in flight. All are of one receive, so there are ten at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lock {
    /// When the last of them becomes visible.
    pub(crate) until: Timestamp,
    pub(crate) flights: Vec<Flight>,
}

/// A message in flight. It keeps its place in the group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flight {
    pub(crate) stamp: [u8; Stamp::BYTES],
    pub(crate) id: Id,
    /// What its receipt handle carries.
    pub(crate) receipt: u64,
    pub(crate) hidden_at: Timestamp,
    pub(crate) visible_at: Timestamp,
}

impl Group {
    /// Its messages, from the first one on.
    fn places(&self, store: &StoreId, name: &str) -> Range {
        let prefix = keys::places(store, name, self.life);
        let all = Range::prefix(&prefix);
        match self.head {
            Some(head) => Range::new(Stamp::from_bytes(head).in_key(&prefix, &[]), all.end),
            None => all,
        }
    }
}

/// How long messages wait before they can be received, counted from when they were sent. A change of
/// the setting counts for those that are there too, as "SetQueueAttributes" says of FIFO queues.
fn delay(queue: &Queue) -> Duration {
    Duration::from_secs(queue.delay_seconds.into())
}

fn is_delayed(queue: &Queue, sent: Timestamp, now: Timestamp) -> bool {
    queue.delay_seconds > 0 && sent + delay(queue) > now
}

/// The record of a group in one of the lists.
async fn load(tx: &mut Transaction, store: &StoreId, name: &str) -> Result<Group, kv::Error> {
    let group = tx.get_record(&keys::group(store, name)).await?;
    group.ok_or_else(|| kv::Error::Corrupt(format!("a group of {:?} is lost", store.name)))
}

/// Puts a group, whose first message was sent at `sent`, where it waits to be taken from.
async fn open(
    tx: &mut Transaction,
    queue: &Queue,
    name: &str,
    mut group: Group,
    sent: Timestamp,
    now: Timestamp,
) -> Result<(), kv::Error> {
    let store = &queue.store;
    if is_delayed(queue, sent, now) {
        group.state = State::Delayed(sent);
        let key = keys::delayed(store, sent, name);
        keys::timeline(store, keys::DELAYED).insert(tx, key, Value::new()).await?;
    } else {
        group.state = State::Ready;
        let name = Value::copy_from_slice(name.as_bytes());
        tx.put_versionstamped(keys::tickets(store), &[], name)?;
    }
    tx.put_record(keys::group(store, name), &group)
}

/// Puts a group of which nothing is in flight back where it belongs. It ends with its last message.
async fn release(
    tx: &mut Transaction,
    queue: &Queue,
    name: &str,
    mut group: Group,
    now: Timestamp,
) -> Result<(), kv::Error> {
    // Tracked: a message that is sent meanwhile must not be overlooked. Its sender sees the group,
    // and leaves it where it is.
    let range = group.places(&queue.store, name);
    let Some(first) = tx.scan(&range, Scan::first(1)).await?.pop() else {
        return tx.delete(keys::group(&queue.store, name));
    };
    let place: Place = kv::decode_record(&first.value)?;
    group.head = Some(*keys::last_stamp(&first.key)?.as_bytes());
    open(tx, queue, name, group, place.sent, now).await
}

/// Puts a group where it waits for those of `flights` that are still in flight, or opens it if none is.
async fn lock(
    tx: &mut Transaction,
    queue: &Queue,
    name: &str,
    mut group: Group,
    mut flights: Vec<Flight>,
    now: Timestamp,
) -> Result<(), kv::Error> {
    flights.retain(|flight| flight.visible_at > now);
    let Some(until) = flights.iter().map(|flight| flight.visible_at).max() else {
        return release(tx, queue, name, group, now).await;
    };
    let count = Value::copy_from_slice(&[flights.len() as u8]);
    let key = keys::locked(&queue.store, until, name);
    keys::timeline(&queue.store, keys::LOCKED).insert(tx, key, count).await?;
    group.state = State::Locked(Lock { until, flights });
    tx.put_record(keys::group(&queue.store, name), &group)
}
