//! How many messages are where.

use super::{Queue, fifo, hidden::DELAYED};
use crate::{
    config,
    keys::{self, StoreId},
};
use kv::{Entry, Range, Scan, Transaction};
use std::time::Duration;
use types::Timestamp;

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
    let total = total(tx, &queue.store).await?;
    let hidden = match queue.fifo {
        Some(_) => fifo::counts(tx, queue, now).await?,
        None => hidden(tx, queue, now, u64::MAX).await?,
    };
    let rest = total.saturating_sub(hidden.in_flight);
    let delayed = hidden.delayed.min(rest);
    Ok(Counts { ready: rest - delayed, delayed, ..hidden })
}

/// All messages of a queue.
pub(crate) async fn total(tx: &mut Transaction, store: &StoreId) -> Result<u64, kv::Error> {
    let total = tx.get_snapshot(&keys::total(store)).await?;
    let total = total.and_then(|bytes| bytes[..].try_into().ok()).map_or(0, i64::from_le_bytes);
    Ok(u64::try_from(total).unwrap_or_default())
}

/// Counts the hidden messages, until `enough` are in flight.
pub(crate) async fn hidden(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
    enough: u64,
) -> Result<Counts, kv::Error> {
    let mut counts = Counts::default();
    let hidden = keys::timeline(&queue.store, keys::HIDDEN);
    let range = Range::new(hidden.from(now + Duration::from_millis(1)), hidden.all().end);
    each(tx, range, |entry| {
        let is_delayed = entry.value == DELAYED;
        counts.delayed += u64::from(is_delayed);
        counts.in_flight += u64::from(!is_delayed);
        counts.in_flight < enough
    })
    .await?;
    Ok(counts)
}

/// Goes through a range until `step` has seen enough.
pub(super) async fn each(
    tx: &mut Transaction,
    mut range: Range,
    mut step: impl FnMut(&Entry) -> bool,
) -> Result<(), kv::Error> {
    loop {
        let page = tx.scan(&range, Scan::first(config::JOB_STEP).snapshot()).await?;
        if !page.iter().all(&mut step) {
            return Ok(());
        }
        match page.last() {
            Some(last) if page.len() == config::JOB_STEP => range = range.after(&last.key),
            _ => return Ok(()),
        }
    }
}
