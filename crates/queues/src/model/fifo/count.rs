//! How many messages of a FIFO queue are where, and when the next becomes visible.

use super::delay;
use crate::{
    keys,
    model::{
        Queue,
        counts::{Counts, each},
    },
};
use kv::{Range, Transaction};
use std::time::Duration;
use types::Timestamp;

/// Messages in flight, and those that are delayed if they are there.
pub(crate) async fn counts(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<Counts, kv::Error> {
    let in_flight = in_flight(tx, queue, now, u64::MAX).await?;
    Ok(Counts { ready: 0, in_flight, delayed: delayed(tx, queue, now).await? })
}

/// Counts the messages in flight, until there are `enough`.
pub(crate) async fn in_flight(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
    enough: u64,
) -> Result<u64, kv::Error> {
    let locked = keys::timeline(&queue.store, keys::LOCKED);
    let range = Range::new(locked.from(now + Duration::from_millis(1)), locked.all().end);
    let mut count = 0;
    each(tx, range, |entry| {
        count += u64::from(entry.value.first().copied().unwrap_or_default());
        count < enough
    })
    .await?;
    Ok(count)
}

/// Counts what was sent so lately that it is delayed. Of a queue whose delay has grown, some of it may
/// have been deleted: what was sent is known for longer than the message is there.
async fn delayed(tx: &mut Transaction, queue: &Queue, now: Timestamp) -> Result<u64, kv::Error> {
    if queue.delay_seconds == 0 {
        return Ok(0);
    }
    let start = keys::sent(&queue.store, now - delay(queue) + Duration::from_millis(1));
    let range = Range::new(start, keys::all(&queue.store, keys::SENT).end);
    let mut count = 0;
    each(tx, range, |_| {
        count += 1;
        true
    })
    .await?;
    Ok(count)
}

/// When the next group that is locked or delayed can be taken from.
pub(crate) async fn next_visible(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
) -> Result<Option<Timestamp>, kv::Error> {
    let mut next = None;
    for (tag, wait) in [(keys::LOCKED, Duration::ZERO), (keys::DELAYED, delay(queue))] {
        let entry = keys::timeline(&queue.store, tag).next(tx, now - wait).await?;
        if let Some(entry) = entry {
            let at = keys::read_timed_group(tag, &entry.key)?.0 + wait;
            next = next.into_iter().chain([at]).min();
        }
    }
    Ok(next)
}
