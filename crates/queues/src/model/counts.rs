//! How many messages are where.

use super::{Queue, hidden::DELAYED};
use crate::{config, keys};
use kv::{Range, Scan, Transaction};
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
    let total = tx.get_snapshot(&keys::total(&queue.store)).await?;
    let total = total.and_then(|bytes| bytes[..].try_into().ok()).map_or(0, i64::from_le_bytes);
    let mut counts = Counts::default();
    let mut range = Range::new(
        keys::hidden_from(&queue.store, now + Duration::from_millis(1)).build(),
        keys::all_hidden(&queue.store).end,
    );
    loop {
        let page = tx.scan(&range, Scan::first(config::JOB_STEP).snapshot()).await?;
        let delayed = page.iter().filter(|entry| entry.value == DELAYED).count() as u64;
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
