use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::{Entry, Error, Key, Range, Stamp, Value, Wake, Watch};

/// What a storage engine is. Services use [`crate::Store`] instead.
pub trait Engine: Send + Sync + 'static {
    /// The state as of the last published commit.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>>;

    /// Checks what the transaction read against the commits since its snapshot, and applies its
    /// mutations as one. Durable before the answer; visible to every snapshot taken after it.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::TooOld`], [`Error::CommitUnknown`], [`Error::Corrupt`] (an
    /// [`Mutation::Add`] to what is no number), [`Error::Unavailable`].
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>>;

    /// A watch on the key `prefix` and every key that begins with it.
    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch;
}

/// An unchanging view of the whole store.
pub trait Snapshot: Send + Sync {
    /// The version of the last commit that the view includes.
    fn version(&self) -> u64;

    /// How long ago the view was taken.
    fn age(&self) -> Duration;

    /// The value of `key`.
    ///
    /// # Errors
    /// [`Error::TooOld`], [`Error::Corrupt`], [`Error::Unavailable`].
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Value>, Error>>;

    /// Up to `limit` entries of `range` in key order, from its start, or from its end and downwards
    /// if `reverse`. Fewer than `limit` means that there are no more.
    ///
    /// # Errors
    /// [`Error::TooOld`], [`Error::Corrupt`], [`Error::Unavailable`].
    fn scan<'a>(
        &'a self,
        range: &'a Range,
        reverse: bool,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, Error>>;
}

/// What a transaction asks an engine to check and to apply.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The version of the snapshot that was read. Without meaning if nothing was tracked.
    pub read_version: u64,
    /// Keys that must not have been written since.
    pub reads: Vec<Key>,
    /// Ranges in which nothing must have been written since. None is empty.
    pub ranges: Vec<Range>,
    /// The commit's version must be greater than this.
    pub after: u64,
    /// What to apply, in this order. At most one mutation for a key, stamped ones aside.
    pub mutations: Vec<Mutation>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mutation {
    /// Writes `value` at `key`.
    Put {
        /// Where.
        key: Key,
        /// What.
        value: Value,
    },
    /// Removes `key`, if it is there.
    Delete {
        /// Which.
        key: Key,
    },
    /// Adds `delta` to the number at `key`; see [`add_to`].
    Add {
        /// Where.
        key: Key,
        /// How much.
        delta: i64,
    },
    /// Writes `value` at `prefix`, the write's [`Stamp`], `suffix`.
    PutVersionstamped {
        /// What stands before the stamp.
        prefix: Key,
        /// What stands after the stamp.
        suffix: Key,
        /// What to write.
        value: Value,
    },
}

/// The acknowledgement of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The version of the commit; for a transaction that wrote nothing, of the snapshot it read
    /// (0 if it read nothing).
    pub version: u64,
}

impl Committed {
    /// The stamp that the transaction's `order`-th versionstamped write (from 0) received.
    #[must_use]
    pub fn stamp(&self, order: u16) -> Stamp {
        Stamp::new(self.version, order)
    }
}

/// The number `current` plus `delta`, as an engine stores it: 64 bits, little-endian, wrapping
/// around. An absent number is 0.
///
/// # Errors
/// [`Error::Corrupt`] if `current` is not 8 bytes.
pub fn add_to(current: Option<&[u8]>, delta: i64) -> Result<Value, Error> {
    let current = match current {
        None => 0,
        Some(bytes) => i64::from_le_bytes(bytes.try_into().map_err(|_| {
            Error::Corrupt(format!("a value of {} bytes is not a number to add to", bytes.len()))
        })?),
    };
    Ok(Value::copy_from_slice(&current.wrapping_add(delta).to_le_bytes()))
}
