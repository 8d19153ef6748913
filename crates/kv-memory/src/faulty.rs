use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use clock::Ids;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kv::{Commit, Committed, Engine, Entry, Error, Range, Snapshot, Value, Wake, Watch, Watches};

/// How often what goes wrong. Chances are in thousandths; the default is that nothing does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// A commit is refused with [`Error::Conflict`] although nothing conflicts.
    pub conflict: u32,
    /// A commit takes effect and answers [`Error::CommitUnknown`].
    pub unknown_applied: u32,
    /// A commit takes no effect and answers [`Error::CommitUnknown`].
    pub unknown_lost: u32,
    /// How many times at most a read or a commit yields to other tasks before it is done.
    pub yields: u32,
    /// After this many commits the engine crashes in the middle of one; 0 is never.
    pub crash_after: u64,
    /// Watches never fire.
    pub deaf: bool,
}

/// An engine that fails by a seed. Clones share their state.
#[derive(Clone)]
pub struct Faulty(Arc<Inner>);

struct Inner {
    engine: Arc<dyn Engine>,
    faults: Faults,
    random: Ids,
    commits: AtomicU64,
    crashed: AtomicBool,
    /// Watches that nothing fires.
    deaf: Watches,
}

impl Faulty {
    /// Wraps `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, seed: u64, faults: Faults) -> Self {
        Self(Arc::new(Inner {
            engine,
            faults,
            random: Ids::from_seed(seed),
            commits: AtomicU64::new(0),
            crashed: AtomicBool::new(false),
            deaf: Watches::new(),
        }))
    }

    /// From now on the engine answers [`Error::Unavailable`].
    pub fn crash(&self) {
        self.0.crashed.store(true, Ordering::SeqCst);
    }

    /// Whether it has crashed.
    #[must_use]
    pub fn is_crashed(&self) -> bool {
        self.0.crashed.load(Ordering::SeqCst)
    }

    /// The engine serves again, with what was committed before the crash.
    pub fn restart(&self) {
        self.0.crashed.store(false, Ordering::SeqCst);
    }
}

impl Inner {
    fn chance(&self, thousandths: u32) -> bool {
        thousandths > 0 && self.random.below(1000) < thousandths
    }

    async fn delay(&self) {
        if self.faults.yields > 0 {
            for _ in 0..self.random.below(self.faults.yields + 1) {
                yield_once().await;
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        if self.crashed.load(Ordering::SeqCst) {
            Err(Error::Unavailable("the engine has crashed".into()))
        } else {
            Ok(())
        }
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, Error> {
        self.delay().await;
        self.check()?;
        if self.chance(self.faults.conflict) {
            return Err(Error::Conflict);
        }
        let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.faults.crash_after {
            self.crashed.store(true, Ordering::SeqCst);
            if self.chance(500) {
                self.engine.commit(commit).await?;
            }
            return Err(Error::CommitUnknown);
        }
        if self.chance(self.faults.unknown_lost) {
            return Err(Error::CommitUnknown);
        }
        let committed = self.engine.commit(commit).await?;
        self.delay().await;
        if self.chance(self.faults.unknown_applied) {
            return Err(Error::CommitUnknown);
        }
        Ok(committed)
    }
}

impl Engine for Faulty {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        async move {
            self.0.delay().await;
            self.0.check()?;
            let snapshot = self.0.engine.snapshot().await?;
            Ok(Arc::new(FaultySnapshot { snapshot, inner: self.0.clone() }) as Arc<dyn Snapshot>)
        }
        .boxed()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        self.0.commit(commit).boxed()
    }

    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        if self.0.faults.deaf {
            self.0.deaf.watch(prefix, wake)
        } else {
            self.0.engine.watch(prefix, wake)
        }
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("faults", &self.0.faults).finish_non_exhaustive()
    }
}

struct FaultySnapshot {
    snapshot: Arc<dyn Snapshot>,
    inner: Arc<Inner>,
}

impl Snapshot for FaultySnapshot {
    fn version(&self) -> u64 {
        self.snapshot.version()
    }

    fn age(&self) -> Duration {
        self.snapshot.age()
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        async move {
            self.inner.delay().await;
            self.inner.check()?;
            self.snapshot.get(key).await
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
            self.inner.delay().await;
            self.inner.check()?;
            self.snapshot.scan(range, reverse, limit).await
        }
        .boxed()
    }
}

/// Lets other tasks run once, on any executor.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
