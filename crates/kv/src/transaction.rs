use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::overlay::{Overlay, Write};
use crate::{
    Commit, Committed, Engine, Entry, Error, Key, Mutation, Range, Record, Snapshot, Stamp, Value,
    decode_record, encode_record, key, limits,
};

/// Whether a read takes part in conflict detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// If another transaction writes what was read before this one commits, this one fails with
    /// [`Error::Conflict`].
    #[default]
    Tracked,
    /// The read sees the same snapshot, but later writes to it are of no concern.
    Snapshot,
}

/// How to scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// From the end of the range downwards.
    pub reverse: bool,
    /// How many entries to return at most.
    pub limit: usize,
    /// Whether the part of the range that was read is tracked.
    pub isolation: Isolation,
}

impl Scan {
    /// The first `limit` entries, tracked.
    #[must_use]
    pub fn first(limit: usize) -> Self {
        Self { reverse: false, limit, isolation: Isolation::Tracked }
    }

    /// The last `limit` entries, from the last one downwards, tracked.
    #[must_use]
    pub fn last(limit: usize) -> Self {
        Self { reverse: true, limit, isolation: Isolation::Tracked }
    }

    /// The same scan, not tracked.
    #[must_use]
    pub fn snapshot(self) -> Self {
        Self { isolation: Isolation::Snapshot, ..self }
    }
}

/// A transaction: it reads one snapshot and its own writes, and keeps the writes to itself until it
/// commits. Dropping it discards it.
pub struct Transaction {
    engine: Arc<dyn Engine>,
    /// Taken at the first read.
    snapshot: Option<Arc<dyn Snapshot>>,
    /// The keys that are tracked, and what was read there, if it was read: the snapshot does not
    /// change, and permissions and runs read the same records.
    reads: BTreeMap<Key, Option<Option<Value>>>,
    ranges: Vec<Range>,
    overlay: Overlay,
    stamped: Vec<Mutation>,
    stamped_bytes: usize,
    after: u64,
}

impl Transaction {
    pub(crate) fn new(engine: Arc<dyn Engine>) -> Self {
        Self {
            engine,
            snapshot: None,
            reads: BTreeMap::new(),
            ranges: Vec::new(),
            overlay: Overlay::default(),
            stamped: Vec::new(),
            stamped_bytes: 0,
            after: 0,
        }
    }

    /// The value of `key`, tracked.
    ///
    /// # Errors
    /// [`Error::TooOld`], [`Error::TooManyKeys`], [`Error::Corrupt`], [`Error::Unavailable`].
    pub async fn get(&mut self, key: &Key) -> Result<Option<Value>, Error> {
        // What it wrote itself it cannot read of others.
        if matches!(self.overlay.get(key), Some(Write::Put(_) | Write::Delete)) {
            return self.get_snapshot(key).await;
        }
        let snapshot = self.snapshot().await?.clone();
        let base = match self.reads.get(key) {
            Some(Some(base)) => base.clone(),
            _ => {
                let base = snapshot.get(key).await?;
                self.reads.insert(key.clone(), Some(base.clone()));
                self.check_tracked()?;
                base
            }
        };
        self.overlay.read(key, base)
    }

    /// The value of `key`, not tracked.
    ///
    /// # Errors
    /// [`Error::TooOld`], [`Error::Corrupt`], [`Error::Unavailable`].
    pub async fn get_snapshot(&mut self, key: &Key) -> Result<Option<Value>, Error> {
        match self.overlay.get(key) {
            Some(Write::Put(value)) => Ok(Some(value.clone())),
            Some(Write::Delete) => Ok(None),
            Some(Write::Add(_)) | None => {
                let base = self.snapshot().await?.get(key).await?;
                self.overlay.read(key, base)
            }
        }
    }

    /// The version of the snapshot that it reads: of the last commit that it sees. Of two
    /// transactions that read and write the same key, the one that commits later has the greater
    /// one.
    ///
    /// # Errors
    /// [`Error::TooOld`], [`Error::Unavailable`].
    pub async fn read_version(&mut self) -> Result<u64, Error> {
        Ok(self.snapshot().await?.version())
    }

    /// The entries of `range` in key order (downwards if `reverse`), at most `limit`. A tracked scan
    /// that stops at its limit tracks only the part of the range that it has read.
    ///
    /// Keys that this transaction has written with a stamp are not among them: they have no place
    /// before the commit.
    ///
    /// # Errors
    /// [`Error::TooOld`], [`Error::TooManyKeys`], [`Error::Corrupt`], [`Error::Unavailable`].
    pub async fn scan(&mut self, range: &Range, opts: Scan) -> Result<Vec<Entry>, Error> {
        if range.is_empty() || opts.limit == 0 {
            return Ok(Vec::new());
        }
        let fetch = opts.limit.saturating_add(self.overlay.deletes(range));
        let base = self.snapshot().await?.scan(range, opts.reverse, fetch).await?;
        let entries = self.overlay.merge(range, base, opts.reverse, opts.limit)?;
        if opts.isolation == Isolation::Tracked {
            self.ranges.push(match entries.last() {
                Some(last) if entries.len() == opts.limit => {
                    if opts.reverse {
                        Range::new(last.key.clone(), range.end.clone())
                    } else {
                        Range::new(range.start.clone(), key::after(&last.key))
                    }
                }
                _ => range.clone(),
            });
            self.check_tracked()?;
        }
        Ok(entries)
    }

    /// The record at `key`, tracked.
    ///
    /// # Errors
    /// As [`Transaction::get`]; [`Error::Corrupt`] also if it is not such a record.
    pub async fn get_record<T: Record>(&mut self, key: &Key) -> Result<Option<T>, Error> {
        self.get(key).await?.map(|value| decode_record(&value)).transpose()
    }

    /// The record at `key`, not tracked.
    ///
    /// # Errors
    /// As [`Transaction::get_snapshot`]; [`Error::Corrupt`] also if it is not such a record.
    pub async fn get_record_snapshot<T: Record>(&mut self, key: &Key) -> Result<Option<T>, Error> {
        self.get_snapshot(key).await?.map(|value| decode_record(&value)).transpose()
    }

    /// Writes `record` at `key`.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn put_record<T: Record>(&mut self, key: Key, record: &T) -> Result<(), Error> {
        self.put(key, encode_record(record))
    }

    /// Writes `value` at `key`.
    ///
    /// # Errors
    /// [`Error::KeyEmpty`], [`Error::KeyTooLarge`], [`Error::ValueTooLarge`], [`Error::TransactionTooLarge`],
    /// [`Error::TooManyKeys`].
    pub fn put(&mut self, key: Key, value: Value) -> Result<(), Error> {
        check_sizes(key.len(), value.len())?;
        self.overlay.set(key, Write::Put(value));
        self.check_totals()
    }

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    /// [`Error::KeyEmpty`], [`Error::KeyTooLarge`], [`Error::TransactionTooLarge`], [`Error::TooManyKeys`].
    pub fn delete(&mut self, key: Key) -> Result<(), Error> {
        check_sizes(key.len(), 0)?;
        self.overlay.set(key, Write::Delete);
        self.check_totals()
    }

    /// Adds `delta` to the number at `key` (64 bits, little-endian, wrapping; absent is 0) without
    /// reading it: adds conflict with nothing, not even with each other.
    ///
    /// # Errors
    /// As [`Transaction::put`]; [`Error::Corrupt`] here or at the commit if the value is no number.
    pub fn add(&mut self, key: Key, delta: i64) -> Result<(), Error> {
        check_sizes(key.len(), size_of::<i64>())?;
        self.overlay.add(key, delta)?;
        self.check_totals()
    }

    /// Writes `value` at `prefix`, stamp, `suffix`, where the [`Stamp`] is filled in at the commit:
    /// unique and increasing in commit order, and within the transaction in the order of the calls.
    ///
    /// The transaction itself cannot read it. [`Committed::stamp`] tells the stamp afterwards.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn put_versionstamped(
        &mut self,
        prefix: Key,
        suffix: &[u8],
        value: Value,
    ) -> Result<(), Error> {
        let key_bytes = prefix.len() + Stamp::BYTES + suffix.len();
        check_sizes(key_bytes, value.len())?;
        self.stamped_bytes += key_bytes + value.len();
        let suffix = Key::copy_from_slice(suffix);
        self.stamped.push(Mutation::PutVersionstamped { prefix, suffix, value });
        self.check_totals()
    }

    /// The position that the next stamped write will have among those of the transaction: what to
    /// ask [`Committed::stamp`] for after the commit.
    #[must_use]
    pub fn next_stamp(&self) -> u16 {
        // Far below: see `limits::TRANSACTION_KEYS`.
        self.stamped.len() as u16
    }

    /// Tracks `key` without reading it: makes an earlier snapshot read of it count.
    pub fn require_read(&mut self, key: &Key) {
        self.reads.entry(key.clone()).or_default();
    }

    /// Makes the version of the commit greater than `version`, and so every later one: what is
    /// brought from another store holds stamps up to the version that it had there.
    pub fn commit_after(&mut self, version: u64) {
        self.after = version;
    }

    /// Whether it has written nothing.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.overlay.len() == 0 && self.stamped.is_empty()
    }

    /// Commits. The writes are durable and visible when this returns; they took effect at one
    /// moment, at which everything tracked was still as it was read. A transaction that wrote
    /// nothing asks nothing of the engine: its snapshot was such a moment.
    ///
    /// A commit may take effect even if the future is dropped before it ends.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::TooOld`], [`Error::CommitUnknown`], [`Error::Corrupt`],
    /// [`Error::Unavailable`].
    pub async fn commit(self) -> Result<Committed, Error> {
        let (read_version, reads, ranges) = match &self.snapshot {
            Some(snapshot) => {
                check_age(&**snapshot)?;
                self.check_tracked()?;
                (snapshot.version(), self.reads.into_keys().collect(), self.ranges)
            }
            // Nothing was read, so nothing can have changed since.
            None => (0, Vec::new(), Vec::new()),
        };
        if self.overlay.len() == 0 && self.stamped.is_empty() {
            return Ok(Committed { version: read_version });
        }
        let mutations = self.overlay.into_mutations().chain(self.stamped).collect();
        self.engine
            .commit(Commit { read_version, reads, ranges, after: self.after, mutations })
            .await
    }

    async fn snapshot(&mut self) -> Result<&Arc<dyn Snapshot>, Error> {
        if self.snapshot.is_none() {
            self.snapshot = Some(self.engine.snapshot().await?);
        }
        let snapshot = self.snapshot.as_ref().expect("it was set just above");
        check_age(&**snapshot)?;
        Ok(snapshot)
    }

    fn check_tracked(&self) -> Result<(), Error> {
        check_keys(self.reads.len() + self.ranges.len())
    }

    fn check_totals(&self) -> Result<(), Error> {
        let bytes = self.overlay.bytes() + self.stamped_bytes;
        if bytes > limits::TRANSACTION_BYTES {
            return Err(Error::TransactionTooLarge { bytes });
        }
        check_keys(self.overlay.len() + self.stamped.len())
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("version", &self.snapshot.as_ref().map(|snapshot| snapshot.version()))
            .field("tracked", &(self.reads.len() + self.ranges.len()))
            .field("writes", &(self.overlay.len() + self.stamped.len()))
            .finish_non_exhaustive()
    }
}

fn check_age(snapshot: &dyn Snapshot) -> Result<(), Error> {
    if snapshot.age() > limits::TRANSACTION_TIME { Err(Error::TooOld) } else { Ok(()) }
}

fn check_sizes(key: usize, value: usize) -> Result<(), Error> {
    if key == 0 {
        return Err(Error::KeyEmpty);
    }
    if key > limits::KEY_BYTES {
        return Err(Error::KeyTooLarge { bytes: key });
    }
    if value > limits::VALUE_BYTES {
        return Err(Error::ValueTooLarge { bytes: value });
    }
    Ok(())
}

fn check_keys(keys: usize) -> Result<(), Error> {
    if keys > limits::TRANSACTION_KEYS { Err(Error::TooManyKeys { keys }) } else { Ok(()) }
}
