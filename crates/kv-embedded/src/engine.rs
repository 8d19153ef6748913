use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, ready, select};
use kv::{Commit, Committed, Engine, Entry, Error, Range, Snapshot, Value, Wake, Watch, Window};
use tokio::sync::{mpsc, oneshot};

use crate::acknowledged::Acknowledged;
use crate::committer::{Batch, Committer, Pending, QUEUE};
use crate::disk::{Disk, SystemDisk};
use crate::folder::Folder;
use crate::log::Log;
use crate::maintenance;
use crate::shared::Shared;
use crate::tables::Tables;

/// Scans for more entries than this leave the async threads.
const INLINE_SCAN: usize = 256;

/// How an embedded store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The memory that blocks of table files are kept in, in bytes.
    pub cache_bytes: u64,
    /// The size at which what is in memory is flushed to a table file, in bytes. Up to four of these
    /// are in memory under load, and as much log is read at open.
    pub memtable_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 * 1024 * 1024, memtable_bytes: 8 * 1024 * 1024 }
    }
}

/// The engine on one data folder.
///
/// Dropping it finishes what is queued and closes the store; the folder stays locked until every
/// snapshot is gone too.
pub struct EmbeddedEngine {
    shared: Arc<Shared>,
    /// Taken when the engine is dropped.
    threads: Option<Threads>,
}

struct Threads {
    queue: mpsc::Sender<Pending>,
    commit: JoinHandle<()>,
    flush: JoinHandle<()>,
    compact: JoinHandle<()>,
    watch: JoinHandle<()>,
    watch_stop: SyncSender<()>,
}

impl EmbeddedEngine {
    /// Opens the store in the folder `path`, which is created if it is not there. Blocks.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if anything that was acknowledged is missing or changed;
    /// [`Error::Unavailable`] if the folder is in use or the disk fails.
    pub fn open(path: &Path, options: Options) -> Result<Self, Error> {
        Self::open_on(Arc::new(SystemDisk), path, options)
    }

    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        path: &Path,
        options: Options,
    ) -> Result<Self, Error> {
        let folder = Folder::open(&*disk, path)?;
        let tables = Tables::open(&folder.tables(), options.cache_bytes)?;
        let checkpoint = tables.checkpoint()?;
        let (acknowledged, bound) = Acknowledged::open(&*disk, folder.path())?;
        let log = Log::open(disk, folder.log(), checkpoint, |writes| tables.apply(&writes))?;
        let version = log.last().version;
        if version < bound {
            return Err(Error::Corrupt(format!(
                "{} ends with version {version}, but version {bound} was acknowledged",
                path.display()
            )));
        }
        tables.advance_past(version);
        let shared = Arc::new(Shared::new(folder, tables, version));
        let threads = Threads::start(&shared, log, acknowledged, options.memtable_bytes)?;
        Ok(Self { shared, threads: Some(threads) })
    }

    /// Waits until the engine stops because something failed, and says what. A process should end
    /// then: nothing can be written until the store is opened again.
    pub async fn failed(&self) -> Error {
        self.shared.failed().await
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    async fn commit_queued(&self, commit: Commit) -> Result<Committed, Error> {
        self.shared.check()?;
        let (answer, answered) = oneshot::channel();
        let queue = &self.threads.as_ref().expect("only drop takes the threads").queue;
        if queue.send(Pending { commit, answer }).await.is_err() {
            self.shared.check()?;
            return Err(Error::Unavailable("the commit thread has ended".into()));
        }
        // A commit that hangs never answers, but is seen to have failed.
        match select(answered, Box::pin(self.shared.failed())).await {
            Either::Left((Ok(answer), _)) => answer,
            Either::Left((Err(_), _)) => Err(Error::CommitUnknown),
            Either::Right((_, mut answered)) => {
                answered.try_recv().unwrap_or(Err(Error::CommitUnknown))
            }
        }
    }
}

impl Threads {
    fn start(
        shared: &Arc<Shared>,
        log: Log,
        acknowledged: Acknowledged,
        memtable_bytes: u64,
    ) -> Result<Self, Error> {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let (flush, flush_told) = sync_channel(1);
        let (compact, compact_told) = sync_channel(1);
        let (watch_stop, watch_stopped) = sync_channel(1);
        let version = log.last().version;
        let mut committer = Committer {
            shared: shared.clone(),
            queue: receiver,
            log,
            acknowledged,
            window: Window::new(version),
            flush,
            memtable_bytes,
            batch: Batch::default(),
        };
        let (flusher, compactor, watched) =
            (shared.clone(), shared.clone(), Arc::downgrade(shared));
        // Told once at the start: the last process may have ended with table files to compact.
        let _ = compact.try_send(());
        Ok(Self {
            queue,
            commit: spawn("kv-commit", move || committer.run())?,
            flush: spawn("kv-flush", move || maintenance::flush(&flusher, &flush_told, &compact))?,
            compact: spawn("kv-compact", move || maintenance::compact(&compactor, &compact_told))?,
            watch: spawn("kv-watch", move || maintenance::watch(&watched, &watch_stopped))?,
            watch_stop,
        })
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| Error::Unavailable(format!("thread {name}: {error}")))
}

impl Drop for EmbeddedEngine {
    fn drop(&mut self) {
        let Some(threads) = self.threads.take() else { return };
        drop((threads.queue, threads.watch_stop));
        // Each ends when the one before has; after a failure the commit thread may hang for ever.
        let failed = self.shared.check().is_err();
        for thread in [threads.watch, threads.commit, threads.flush, threads.compact] {
            if !failed && thread.join().is_err() {
                tracing::error!("a thread of the store has panicked");
            }
        }
    }
}

impl fmt::Debug for EmbeddedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedEngine")
            .field("path", &self.shared.folder.path())
            .finish_non_exhaustive()
    }
}

impl Engine for EmbeddedEngine {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        let snapshot = self.shared.check().map(|()| {
            let version = self.shared.open_snapshot();
            let shared = self.shared.clone();
            Arc::new(EmbeddedSnapshot(Arc::new(View { shared, version, taken: Instant::now() })))
                as Arc<dyn Snapshot>
        });
        ready(snapshot).boxed()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        self.commit_queued(commit).boxed()
    }

    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        self.shared.watches.watch(prefix, wake)
    }
}

struct EmbeddedSnapshot(Arc<View>);

/// What a scan on another thread keeps open.
struct View {
    shared: Arc<Shared>,
    version: u64,
    taken: Instant,
}

impl Drop for View {
    fn drop(&mut self) {
        self.shared.close_snapshot(self.version);
    }
}

impl View {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Error> {
        self.shared.check()?;
        self.shared.tables.get(key, self.version)
    }

    fn scan(&self, range: &Range, reverse: bool, limit: usize) -> Result<Vec<Entry>, Error> {
        self.shared.check()?;
        self.shared.tables.scan(range, self.version, reverse, limit)
    }
}

impl Snapshot for EmbeddedSnapshot {
    fn version(&self) -> u64 {
        self.0.version
    }

    fn age(&self) -> Duration {
        self.0.taken.elapsed()
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        async move { self.0.get(key) }.boxed()
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        reverse: bool,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, Error>> {
        async move {
            if limit <= INLINE_SCAN || tokio::runtime::Handle::try_current().is_err() {
                return self.0.scan(range, reverse, limit);
            }
            let (view, range) = (self.0.clone(), range.clone());
            tokio::task::spawn_blocking(move || view.scan(&range, reverse, limit))
                .await
                .map_err(|error| Error::Unavailable(format!("a scan was interrupted: {error}")))?
        }
        .boxed()
    }
}
