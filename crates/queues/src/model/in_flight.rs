//! The limit of messages in flight, which is approximate as SQS says, so that nobody who receives or
//! deletes need write a count: a queue with fewer messages than the limit is under it, and the hidden
//! messages of a larger one are counted now and then.

use super::{
    Queue,
    counts::{hidden, total},
    fifo,
};
use crate::{Error, config, keys::StoreId};
use kv::Transaction;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use types::Timestamp;

/// How many messages this process believes to be in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    limit: u64,
    counted: Mutex<HashMap<StoreId, Counted>>,
}

#[derive(Debug)]
struct Counted {
    at: Timestamp,
    /// With what this process has received since.
    messages: u64,
}

impl InFlight {
    const MAX_QUEUES: usize = 10_000;

    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, counted: Mutex::default() }
    }

    /// How many of the `wanted` messages may be received.
    ///
    /// # Errors
    /// None may.
    pub(crate) async fn room(
        &self,
        tx: &mut Transaction,
        queue: &Queue,
        wanted: usize,
        now: Timestamp,
    ) -> Result<usize, Error> {
        if total(tx, &queue.store).await? < self.limit {
            return Ok(wanted);
        }
        let known = self.known(&queue.store, now);
        let messages = match known {
            Some(messages) => messages,
            None if queue.fifo.is_some() => fifo::in_flight(tx, queue, now, self.limit).await?,
            None => hidden(tx, queue, now, self.limit).await?.in_flight,
        };
        let room = usize::try_from(self.limit.saturating_sub(messages)).unwrap_or(wanted);
        let room = room.min(wanted);
        let mut counted = self.counted();
        if known.is_none() && counted.len() >= Self::MAX_QUEUES {
            counted.clear();
        }
        let count = counted.entry(queue.store.clone()).or_insert(Counted { at: now, messages });
        if known.is_none() {
            *count = Counted { at: now, messages };
        }
        count.messages += room as u64;
        if room == 0 { Err(Error::TooManyInFlight) } else { Ok(room) }
    }

    fn known(&self, store: &StoreId, now: Timestamp) -> Option<u64> {
        let counted = self.counted();
        let fresh =
            |count: &&Counted| now >= count.at && now.since(count.at) < config::IN_FLIGHT_COUNT_AGE;
        counted.get(store).filter(fresh).map(|count| count.messages)
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<StoreId, Counted>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
