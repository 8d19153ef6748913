use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kv::{Error, Watches};
use tokio::sync::watch;

use crate::folder::Folder;
use crate::tables::Tables;

/// How long a batch waits at most for compactions.
const SLOW_DOWN: Duration = Duration::from_millis(50);

/// What the threads and the handles of one open store share.
pub(crate) struct Shared {
    pub(crate) tables: Tables,
    pub(crate) watches: Watches,
    /// Versions that snapshots are open at, and how many at each.
    snapshots: Mutex<BTreeMap<u64, usize>>,
    /// The last version that is durable and applied.
    published: AtomicU64,
    /// The last frame whose memtable has ended.
    pub(crate) rotated: AtomicU64,
    /// Since when the commit thread has been in its current batch.
    busy_since: Mutex<Option<Instant>>,
    /// Why the engine has stopped, once it has.
    failure: watch::Sender<Option<Error>>,
    /// Notified when a flush or a compaction has ended, and at a failure.
    progress: (Mutex<()>, Condvar),
    /// Locked until the last user of the store is gone.
    pub(crate) folder: Folder,
}

impl Shared {
    pub(crate) fn new(folder: Folder, tables: Tables, published: u64) -> Self {
        Self {
            tables,
            watches: Watches::new(),
            snapshots: Mutex::default(),
            published: AtomicU64::new(published),
            rotated: AtomicU64::new(0),
            busy_since: Mutex::default(),
            failure: watch::Sender::new(None),
            progress: (Mutex::default(), Condvar::new()),
            folder,
        }
    }

    /// Opens a snapshot and returns its version.
    pub(crate) fn open_snapshot(&self) -> u64 {
        let mut snapshots = lock(&self.snapshots);
        // Under the lock, so that `oldest` cannot run past a version that is about to be opened.
        let version = self.published.load(Ordering::SeqCst);
        *snapshots.entry(version).or_default() += 1;
        version
    }

    pub(crate) fn close_snapshot(&self, version: u64) {
        let mut snapshots = lock(&self.snapshots);
        if let Some(count) = snapshots.get_mut(&version) {
            *count -= 1;
            if *count == 0 {
                snapshots.remove(&version);
            }
        }
    }

    /// No snapshot is or will be older than this version.
    pub(crate) fn oldest(&self) -> u64 {
        let snapshots = lock(&self.snapshots);
        let published = self.published.load(Ordering::SeqCst);
        snapshots.keys().next().copied().unwrap_or(published)
    }

    pub(crate) fn publish(&self, version: u64) {
        self.published.store(version, Ordering::SeqCst);
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
        self.notify_progress();
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

    pub(crate) fn notify_progress(&self) {
        drop(lock(&self.progress.0));
        self.progress.1.notify_all();
    }

    /// Blocks while flushes are too far behind, and for a moment if compactions are, unless the
    /// engine has stopped.
    pub(crate) fn wait_for_tables(&self) {
        let guard = lock(&self.progress.0);
        let must_wait = |(): &mut ()| self.tables.must_wait() && self.check().is_ok();
        let guard =
            self.progress.1.wait_while(guard, must_wait).unwrap_or_else(PoisonError::into_inner);
        if self.tables.should_slow_down() && self.check().is_ok() {
            drop(self.progress.1.wait_timeout(guard, SLOW_DOWN));
        }
    }

    pub(crate) fn set_busy(&self, busy: bool) {
        *lock(&self.busy_since) = busy.then(Instant::now);
    }

    /// How long the commit thread has been in its current batch.
    pub(crate) fn busy_for(&self) -> Duration {
        lock(&self.busy_since).map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// No code under these locks can panic halfway, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
