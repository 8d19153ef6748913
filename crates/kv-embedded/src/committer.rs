use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use kv::{Commit, Committed, Error, Key, Mutation, Stamp, Value, Window, add_to};
use tokio::sync::{mpsc, oneshot};

use crate::acknowledged::Acknowledged;
use crate::frame::Write;
use crate::log::Log;
use crate::shared::Shared;

/// How many commits may wait for the thread.
pub(crate) const QUEUE: usize = 4096;

/// How many transactions share a sync at most.
const BATCH_TRANSACTIONS: usize = 1024;

/// After how many bytes a batch takes no further transaction.
const BATCH_BYTES: usize = 256 * 1024;

/// After how many batches the side file is synced.
const ACKNOWLEDGED_SYNC_BATCHES: u64 = 1024;

/// A commit in the queue, and where its answer goes.
pub(crate) struct Pending {
    pub(crate) commit: Commit,
    pub(crate) answer: oneshot::Sender<Result<Committed, Error>>,
}

/// The one thread that commits.
pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) queue: mpsc::Receiver<Pending>,
    pub(crate) log: Log,
    pub(crate) acknowledged: Acknowledged,
    pub(crate) window: Window,
    /// Tells the flusher that a memtable has ended.
    pub(crate) flush: SyncSender<()>,
    /// The size at which a memtable ends, in bytes.
    pub(crate) memtable_bytes: u64,
    pub(crate) batch: Batch,
}

/// What shares one sync. Kept between batches for its memory.
#[derive(Default)]
pub(crate) struct Batch {
    writes: Vec<Write>,
    /// Who is told after the sync.
    accepted: Vec<(oneshot::Sender<Result<Committed, Error>>, Committed)>,
    bytes: usize,
    /// What the first `indexed` writes wrote, by key: only adding to a number needs it.
    newest: HashMap<Key, Option<Value>>,
    indexed: usize,
}

impl Batch {
    /// Takes back the writes from `start` on.
    fn truncate(&mut self, start: usize) {
        self.writes.truncate(start);
        if self.indexed > start {
            self.newest.clear();
            self.indexed = 0;
        }
    }

    /// What the batch has written to `key`, if it has.
    fn newest(&mut self, key: &Key) -> Option<&Option<Value>> {
        for write in &self.writes[self.indexed..] {
            self.newest.insert(write.key.clone(), write.value.clone());
        }
        self.indexed = self.writes.len();
        self.newest.get(key)
    }

    fn clear(&mut self) {
        self.truncate(0);
        self.bytes = 0;
    }
}

impl Committer {
    /// Commits until the queue is closed or something fails.
    pub(crate) fn run(&mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            self.shared.wait_for_tables();
            self.shared.set_busy(true);
            let outcome = self.commit_batch(first);
            self.shared.set_busy(false);
            if let Err(error) = outcome {
                self.shared.fail(&error);
                return;
            }
        }
        if let Err(error) = self.acknowledged.sync() {
            tracing::warn!(%error, "the bound of acknowledged versions was not synced");
        }
    }

    fn commit_batch(&mut self, first: Pending) -> Result<(), Error> {
        self.shared.check()?;
        self.accept(first);
        while self.batch.accepted.len() < BATCH_TRANSACTIONS && self.batch.bytes < BATCH_BYTES {
            let Ok(next) = self.queue.try_recv() else { break };
            self.accept(next);
        }
        if self.batch.accepted.is_empty() {
            return Ok(());
        }
        // An error from here on leaves the outcome of the whole batch unknown: the answers are
        // dropped, and those who wait for them see the failure.
        self.log.append(&self.batch.writes)?;
        self.shared.tables.apply(&self.batch.writes);
        let last = self.log.last();
        self.shared.publish(last.version);
        self.raise_bound()?;
        self.shared.watches.wake(self.batch.writes.iter().map(|write| &write.key[..]));
        for (answer, committed) in self.batch.accepted.drain(..) {
            // Whoever asked may be gone.
            let _ = answer.send(Ok(committed));
        }
        self.batch.clear();
        self.window.shrink();
        self.rotate_if_full()
    }

    /// Checks a transaction and takes it into the batch, or answers why not.
    fn accept(&mut self, pending: Pending) {
        let Pending { commit, answer } = pending;
        let start = self.batch.writes.len();
        match self.window.check(&commit).and_then(|()| self.write(commit.after, commit.mutations)) {
            Ok(version) => {
                for write in &self.batch.writes[start..] {
                    self.batch.bytes +=
                        write.key.len() + write.value.as_ref().map_or(0, Value::len);
                    self.window.record(version, &write.key);
                }
                self.batch.accepted.push((answer, Committed { version }));
            }
            Err(error) => {
                self.batch.truncate(start);
                let _ = answer.send(Err(error));
            }
        }
    }

    /// Adds the mutations' writes to the batch, under the version that it returns, which is greater
    /// than `after`.
    fn write(&mut self, after: u64, mutations: Vec<Mutation>) -> Result<u64, Error> {
        self.shared.tables.advance_past(after);
        let version = self.shared.tables.next_version();
        let mut order = 0;
        for mutation in mutations {
            let (key, value) = match mutation {
                Mutation::Put { key, value } => (key, Some(value)),
                Mutation::Delete { key } => (key, None),
                Mutation::Add { key, delta } => {
                    let sum = add_to(self.newest(&key)?.as_deref(), delta)?;
                    (key, Some(sum))
                }
                Mutation::PutVersionstamped { prefix, suffix, value } => {
                    order += 1;
                    (Stamp::new(version, order - 1).in_key(&prefix, &suffix), Some(value))
                }
            };
            self.batch.writes.push(Write { version, key, value });
        }
        Ok(version)
    }

    /// The value of `key` after everything that the batch has accepted.
    fn newest(&mut self, key: &Key) -> Result<Option<Value>, Error> {
        match self.batch.newest(key) {
            Some(value) => Ok(value.clone()),
            None => self.shared.tables.newest(key),
        }
    }

    fn raise_bound(&mut self) -> Result<(), Error> {
        let last = self.log.last();
        let mut raise = || {
            self.acknowledged.set(last.version)?;
            if last.sequence.is_multiple_of(ACKNOWLEDGED_SYNC_BATCHES) {
                self.acknowledged.sync()?;
            }
            Ok(())
        };
        raise().map_err(|error: std::io::Error| {
            Error::Unavailable(format!("the bound of acknowledged versions: {error}"))
        })
    }

    fn rotate_if_full(&mut self) -> Result<(), Error> {
        let full = self.shared.tables.memtable_bytes() >= self.memtable_bytes
            || self.log.file_bytes() >= self.memtable_bytes;
        if !full {
            return Ok(());
        }
        let last = self.log.last();
        self.log.rotate()?;
        self.shared.tables.rotate(last);
        self.shared.rotated.store(last.sequence, Ordering::SeqCst);
        // If it is full, the flusher has been told already.
        let _ = self.flush.try_send(());
        Ok(())
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.shared.fail(&Error::Unavailable("the commit thread has panicked".into()));
        }
    }
}
