use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use kv::Error;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::connection::{stored, unavailable};
use crate::shared::Shared;
use crate::{limits, sql};

/// The one task of a node that says that the node is there, and that removes what no snapshot of any
/// node can see any more.
pub(crate) struct Housekeeper {
    shared: Arc<Shared>,
    /// Versions that were the last one, and when.
    versions: VecDeque<(Instant, u64)>,
}

impl Housekeeper {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, versions: VecDeque::new() }
    }

    /// Keeps house for ever.
    pub(crate) async fn run(mut self) {
        loop {
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "old versions could not be removed");
            }
            tokio::time::sleep(limits::HEARTBEAT).await;
        }
    }

    /// Pretends to have seen the last version `ago`.
    #[cfg(test)]
    pub(crate) fn remember(&mut self, ago: std::time::Duration) {
        let then = Instant::now().checked_sub(ago).expect("the machine runs longer than that");
        self.versions.push_front((then, self.shared.seen.load(Ordering::SeqCst)));
    }

    /// Says that the node is there, and sweeps if it is the first one.
    pub(crate) async fn beat(&mut self) -> Result<(), Error> {
        let pool = &self.shared.pool;
        let pinned = self.shared.oldest().map_or(i64::MAX, stored);
        pool.query(sql::SEEN, &[&self.shared.node, &pinned]).await?;
        let nodes = pool.query(sql::NODES, &[]).await?;
        let Some(nodes) = nodes.first() else { return Ok(()) };
        let (first, count): (Option<String>, i64) = (column(nodes, 0)?, column(nodes, 1)?);
        let pinned: Option<i64> = column(nodes, 2)?;
        self.shared.alone.store(count <= 1, Ordering::Relaxed);
        let replaced = self.replaced();
        // One of the nodes is enough. That two believe to be the first does no harm.
        if first.as_deref() != Some(&self.shared.node) {
            return Ok(());
        }
        let Some(replaced) = replaced else { return Ok(()) };
        self.sweep(replaced.min(pinned.unwrap_or(i64::MAX))).await
    }

    /// The version that was the last one [`limits::HISTORY`] ago: snapshots that are younger are not
    /// older than that.
    fn replaced(&mut self) -> Option<i64> {
        let now = Instant::now();
        self.versions.push_back((now, self.shared.seen.load(Ordering::SeqCst)));
        let is_past = |at: &Instant| now.duration_since(*at) >= limits::HISTORY;
        while self.versions.get(1).is_some_and(|(at, _)| is_past(at)) {
            self.versions.pop_front();
        }
        self.versions.front().filter(|(at, _)| is_past(at)).map(|(_, version)| stored(*version))
    }

    /// Removes what was replaced up to `horizon`.
    pub(crate) async fn sweep(&self, horizon: i64) -> Result<(), Error> {
        let pool = &self.shared.pool;
        // Told before anything is removed, so that a snapshot that asks after it has read knows.
        pool.query(sql::RAISE_HORIZON, &[&horizon]).await?;
        self.remove(sql::SWEEP_OLD_TO, sql::SWEEP_OLD, horizon).await?;
        self.remove(sql::SWEEP_LOG_TO, sql::SWEEP_LOG, horizon).await?;
        pool.query(sql::SWEEP_NODES, &[]).await.map(drop)
    }

    /// Removes rows up to `horizon` in steps.
    async fn remove(
        &self,
        bound: &'static str,
        delete: &'static str,
        horizon: i64,
    ) -> Result<(), Error> {
        let pool = &self.shared.pool;
        for _ in 0..limits::SWEEP_STEPS {
            let last = pool.query(bound, &[&horizon, &limits::SWEEP_ROWS]).await?;
            let Some(last) = last.first() else {
                return pool.query(delete, &[&horizon]).await.map(drop);
            };
            pool.query(delete, &[&column::<i64>(last, 0)?]).await?;
        }
        Ok(())
    }
}

fn column<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(|error| unavailable(&error))
}
