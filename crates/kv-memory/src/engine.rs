use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use kv::{
    Commit, Committed, Engine, Entry, Error, Key, Mutation, Range, Snapshot, Stamp, Value, Wake,
    Watch, Watches, add_to,
};

use crate::versions::Versions;

type Elapsed = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The engine. Clones share one store, which is gone with the last of them.
#[derive(Clone)]
pub struct MemoryEngine {
    versions: Arc<Mutex<Versions>>,
    watches: Watches,
    elapsed: Elapsed,
}

impl Default for MemoryEngine {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryEngine {
    /// An empty store in which no time passes: no transaction grows too old.
    #[must_use]
    pub fn new() -> Self {
        Self::with_elapsed(|| Duration::ZERO)
    }

    /// An empty store whose snapshots age by what `elapsed` tells: the time since any fixed moment.
    #[must_use]
    pub fn with_elapsed(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { versions: Arc::default(), watches: Watches::new(), elapsed: Arc::new(elapsed) }
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit_now(&self, commit: Commit) -> Result<Committed, Error> {
        let mut versions = self.versions();
        check(&versions, &commit)?;
        let version = versions.version.max(commit.after) + 1;
        let writes = resolve(&versions, version, commit.mutations)?;
        let keys: Vec<Key> = writes.keys().cloned().collect();
        versions.publish(version, writes);
        drop(versions);
        self.watches.wake(keys.iter().map(|key| &key[..]));
        Ok(Committed { version })
    }
}

impl fmt::Debug for MemoryEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryEngine")
    }
}

impl Engine for MemoryEngine {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        let version = self.versions().open_snapshot();
        let snapshot = MemorySnapshot { engine: self.clone(), version, taken: (self.elapsed)() };
        ready(Ok(Arc::new(snapshot) as Arc<dyn Snapshot>)).boxed()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        async move { self.commit_now(commit) }.boxed()
    }

    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        self.watches.watch(prefix, wake)
    }
}

struct MemorySnapshot {
    engine: MemoryEngine,
    version: u64,
    taken: Duration,
}

impl Snapshot for MemorySnapshot {
    fn version(&self) -> u64 {
        self.version
    }

    fn age(&self) -> Duration {
        (self.engine.elapsed)().saturating_sub(self.taken)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        ready(Ok(self.engine.versions().get(key, self.version))).boxed()
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        reverse: bool,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, Error>> {
        ready(Ok(self.engine.versions().scan(range, self.version, reverse, limit))).boxed()
    }
}

impl Drop for MemorySnapshot {
    fn drop(&mut self) {
        self.engine.versions().close_snapshot(self.version);
    }
}

fn check(versions: &Versions, commit: &Commit) -> Result<(), Error> {
    if commit.reads.is_empty() && commit.ranges.is_empty() {
        return Ok(());
    }
    if !versions.covers(commit.read_version) {
        return Err(Error::TooOld);
    }
    let read = commit.read_version;
    let key_written =
        commit.reads.iter().any(|key| versions.last_written(key).is_some_and(|at| at > read));
    let range_written = commit.ranges.iter().any(|range| versions.written_since(range, read));
    if key_written || range_written { Err(Error::Conflict) } else { Ok(()) }
}

fn resolve(
    versions: &Versions,
    version: u64,
    mutations: Vec<Mutation>,
) -> Result<BTreeMap<Key, Option<Value>>, Error> {
    let mut writes = BTreeMap::new();
    let mut order = 0;
    for mutation in mutations {
        match mutation {
            Mutation::Put { key, value } => writes.insert(key, Some(value)),
            Mutation::Delete { key } => writes.insert(key, None),
            Mutation::Add { key, delta } => {
                let sum = add_to(versions.get(&key, versions.version).as_deref(), delta)?;
                writes.insert(key, Some(sum))
            }
            Mutation::PutVersionstamped { prefix, suffix, value } => {
                let key = Stamp::new(version, order).in_key(&prefix, &suffix);
                order += 1;
                writes.insert(key, Some(value))
            }
        };
    }
    Ok(writes)
}
