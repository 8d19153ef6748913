use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kv::{Error, Watches};
use tokio::sync::{Notify, watch};

use crate::clock::StoreClock;
use crate::pool::Pool;

/// What the tasks and the handles of one node share.
pub(crate) struct Shared {
    /// The node's name: another one at every start.
    pub(crate) node: String,
    pub(crate) pool: Pool,
    pub(crate) watches: Watches,
    pub(crate) clock: Arc<StoreClock>,
    /// Versions that snapshots are open at, and how many at each.
    snapshots: Mutex<BTreeMap<u64, usize>>,
    /// The last version that is known to have been committed.
    pub(crate) seen: AtomicU64,
    /// Other nodes may have committed.
    pub(crate) news: Arc<Notify>,
    /// This node has committed.
    pub(crate) committed: Notify,
    /// Whether no other node was there at the last heartbeat.
    pub(crate) alone: AtomicBool,
    /// Whether other nodes' commits are told.
    pub(crate) listening: AtomicBool,
    /// Why the engine has stopped, once it has.
    failure: watch::Sender<Option<Error>>,
}

impl Shared {
    pub(crate) fn new(node: String, pool: Pool) -> Self {
        Self {
            node,
            pool,
            watches: Watches::new(),
            clock: Arc::default(),
            snapshots: Mutex::default(),
            seen: AtomicU64::new(0),
            news: Arc::default(),
            committed: Notify::new(),
            alone: AtomicBool::new(false),
            listening: AtomicBool::new(false),
            failure: watch::Sender::new(None),
        }
    }

    pub(crate) fn open_snapshot(&self, version: u64) {
        *self.snapshots().entry(version).or_default() += 1;
    }

    pub(crate) fn close_snapshot(&self, version: u64) {
        let mut snapshots = self.snapshots();
        if let Some(count) = snapshots.get_mut(&version) {
            *count -= 1;
            if *count == 0 {
                snapshots.remove(&version);
            }
        }
    }

    /// The version of the oldest snapshot that is open.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.snapshots().keys().next().copied()
    }

    /// Stops the engine for good. The first reason is kept.
    pub(crate) fn fail(&self, error: &Error) {
        self.failure.send_if_modified(|failure| {
            let first = failure.is_none();
            if first {
                tracing::error!(%error, "the store has stopped");
                *failure = Some(error.clone());
            }
            first
        });
    }

    /// Fails if the engine has stopped.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &*self.failure.borrow() {
            None => Ok(()),
            Some(error) => Err(Error::Unavailable(format!("the store has stopped: {error}"))),
        }
    }

    /// Waits until the engine stops, and says why.
    pub(crate) async fn failed(&self) -> Error {
        let mut failure = self.failure.subscribe();
        let stopped = failure.wait_for(Option::is_some).await;
        stopped.ok().and_then(|error| error.clone()).expect("the sender lives in `self`")
    }

    /// No code under this lock can panic halfway, so a poisoned one is as good as any.
    fn snapshots(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
