use std::fmt;
use std::sync::Arc;

use crate::{Engine, Error, Snapshot, Transaction, Wake, Watch};

/// A handle to the one store of a process. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<dyn Engine>);

impl Store {
    /// A store on `engine`.
    #[must_use]
    pub fn new(engine: impl Engine) -> Self {
        Self(Arc::new(engine))
    }

    /// A store on an engine that is already shared.
    #[must_use]
    pub fn from_engine(engine: Arc<dyn Engine>) -> Self {
        Self(engine)
    }

    /// Begins a transaction. It takes its snapshot at its first read.
    #[must_use]
    pub fn begin(&self) -> Transaction {
        Transaction::new(self.0.clone())
    }

    /// The state as of the last published commit, for readers that need no transaction: exports,
    /// checks, backups. Unlike a transaction, it is not bound to
    /// [`TRANSACTION_TIME`](crate::limits::TRANSACTION_TIME).
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn snapshot(&self) -> Result<Arc<dyn Snapshot>, Error> {
        self.0.snapshot().await
    }

    /// A watch that fires after every commit that wrote the key `prefix` or a key that begins with
    /// it.
    ///
    /// Take the watch, then read, then wait: what is committed after the read fires it.
    #[must_use]
    pub fn watch(&self, prefix: &[u8]) -> Watch {
        self.0.watch(prefix, Wake::All)
    }

    /// As [`Store::watch`], but a written key wakes one of the prefix's single watches instead of
    /// all of them: for waiters of which one can handle what was written. A wake-up that is dropped
    /// before it was seen passes on to the next.
    #[must_use]
    pub fn watch_one(&self, prefix: &[u8]) -> Watch {
        self.0.watch(prefix, Wake::One)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}
