//! The engine under the store, with its commits counted.

use futures_util::future::BoxFuture;
use kv::{Commit, Committed, Engine, Error, Snapshot, Wake, Watch};
use service::metrics::{DURATIONS, HistogramVec, IntCounterVec, Metrics};
use std::sync::Arc;
use tokio::time::Instant;

/// Hands everything on.
pub(crate) struct Metered {
    engine: Arc<dyn Engine>,
    commits: IntCounterVec,
    seconds: HistogramVec,
}

impl Metered {
    pub(crate) fn new(engine: Arc<dyn Engine>, metrics: &Metrics) -> Self {
        Self {
            engine,
            commits: metrics.counter(
                "pileus_store_commits_total",
                "Commits of transactions that wrote, by what came of them.",
                &["result"],
            ),
            seconds: metrics.histogram(
                "pileus_store_commit_duration_seconds",
                "Time until a commit was durable and acknowledged.",
                &[],
                &DURATIONS,
            ),
        }
    }
}

impl Engine for Metered {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        self.engine.snapshot()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        Box::pin(async move {
            let began = Instant::now();
            let committed = self.engine.commit(commit).await;
            if committed.is_ok() {
                let seconds = began.elapsed().as_secs_f64();
                self.seconds.with_label_values::<&str>(&[]).observe(seconds);
            }
            self.commits.with_label_values(&[result(&committed)]).inc();
            committed
        })
    }

    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        self.engine.watch(prefix, wake)
    }
}

fn result(committed: &Result<Committed, Error>) -> &'static str {
    match committed {
        Ok(_) => "done",
        Err(Error::Conflict) => "conflict",
        Err(Error::TooOld) => "too_old",
        Err(Error::CommitUnknown) => "unknown",
        Err(_) => "failed",
    }
}
