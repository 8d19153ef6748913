use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kv::{Entry, Error, Key, Range, Snapshot, Value};
use tokio_postgres::Row;

use crate::connection::{Parameters, stored, told, unavailable};
use crate::shared::Shared;
use crate::{limits, sql};

/// A version, and what was there at it.
pub(crate) struct PostgresSnapshot {
    shared: Arc<Shared>,
    version: u64,
    taken: Instant,
}

impl PostgresSnapshot {
    /// The state at `version`, which was asked for at `taken`.
    pub(crate) fn open(shared: Arc<Shared>, version: u64, taken: Instant) -> Self {
        shared.open_snapshot(version);
        Self { shared, version, taken }
    }

    async fn read(
        &self,
        text: &'static str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        self.shared.check()?;
        let rows = self.shared.pool.query(text, parameters).await?;
        if self.taken.elapsed() > limits::CERTAIN {
            self.check_complete().await?;
        }
        Ok(rows)
    }

    /// Fails if something that the snapshot sees may have been removed before now.
    async fn check_complete(&self) -> Result<(), Error> {
        let rows = self.shared.pool.query(sql::HORIZON, &[]).await?;
        let missing = || Error::Corrupt("the database has no horizon".to_owned());
        let horizon = rows.first().ok_or_else(missing)?.try_get(0);
        let horizon = told(horizon.map_err(|error| unavailable(&error))?)?;
        if self.version < horizon { Err(Error::TooOld) } else { Ok(()) }
    }
}

impl Drop for PostgresSnapshot {
    fn drop(&mut self) {
        self.shared.close_snapshot(self.version);
    }
}

impl Snapshot for PostgresSnapshot {
    fn version(&self) -> u64 {
        self.version
    }

    fn age(&self) -> Duration {
        self.taken.elapsed()
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        async move {
            let rows = self.read(sql::GET, &[&key, &stored(self.version)]).await?;
            rows.first().map(|row| bytes(row, 0)).transpose()
        }
        .boxed()
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        reverse: bool,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, Error>> {
        async move {
            if range.is_empty() {
                return Ok(Vec::new());
            }
            let text = if reverse { sql::SCAN_REVERSE } else { sql::SCAN };
            let (start, end) = (&range.start[..], &range.end[..]);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = self.read(text, &[&start, &end, &stored(self.version), &limit]).await?;
            rows.iter()
                .map(|row| Ok(Entry { key: bytes(row, 0)?, value: bytes(row, 1)? }))
                .collect()
        }
        .boxed()
    }
}

fn bytes(row: &Row, column: usize) -> Result<Key, Error> {
    let bytes: &[u8] = row.try_get(column).map_err(|error| unavailable(&error))?;
    Ok(Key::copy_from_slice(bytes))
}
