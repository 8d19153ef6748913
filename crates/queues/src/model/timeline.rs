//! Lists of what waits for its time.
//!
//! What was taken leaves tombstones there, so whoever looks for due keys starts at a cursor. The
//! cursor is never above a key: who adds one reads it in the same transaction and lowers it if need
//! be, and who raises it reads the keys that it passes. So it needs no trust in any clock.

use crate::{config, keys::Timeline};
use kv::{Entry, Key, Range, Scan, Transaction, Value};
use std::time::Duration;
use types::Timestamp;

impl Timeline {
    /// Adds a key.
    pub(crate) async fn insert(
        &self,
        tx: &mut Transaction,
        key: Key,
        value: Value,
    ) -> Result<(), kv::Error> {
        if tx.get(&self.cursor).await?.is_some_and(|cursor| key < cursor) {
            tx.put(self.cursor.clone(), key.clone())?;
        }
        tx.put(key, value)
    }

    /// Up to `limit` keys whose time has come.
    pub(crate) async fn due(
        &self,
        tx: &mut Transaction,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Entry>, kv::Error> {
        let start = tx.get_snapshot(&self.cursor).await?.unwrap_or_else(|| self.all().start);
        let end = self.from(now + Duration::from_millis(1));
        tx.scan(&Range::new(start, end), Scan::first(limit).snapshot()).await
    }

    /// The next key whose time comes.
    pub(crate) async fn next(
        &self,
        tx: &mut Transaction,
        now: Timestamp,
    ) -> Result<Option<Entry>, kv::Error> {
        let range = Range::new(self.from(now), self.all().end);
        Ok(tx.scan(&range, Scan::first(1).snapshot()).await?.pop())
    }

    /// Raises the cursor, if it has fallen behind.
    pub(crate) async fn raise_cursor(
        &self,
        tx: &mut Transaction,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        let cursor = tx.get_snapshot(&self.cursor).await?;
        // A little progress is not worth a write, and least of all the only one of a transaction.
        let step = if tx.is_read_only() { config::IDLE_CURSOR_STEP } else { config::CURSOR_STEP };
        let highest = now - config::CURSOR_LAG;
        if cursor.as_ref().is_some_and(|cursor| *cursor >= self.from(highest - step)) {
            return Ok(());
        }
        tx.require_read(&self.cursor);
        let start = cursor.clone().unwrap_or_else(|| self.all().start);
        let passed = Range::new(start, self.from(highest));
        let first = tx.scan(&passed, Scan::first(1)).await?.pop();
        let raised = first.map_or(passed.end, |entry| entry.key);
        if cursor.as_ref() != Some(&raised) {
            tx.put(self.cursor.clone(), raised)?;
        }
        Ok(())
    }
}
