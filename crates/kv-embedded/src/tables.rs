use std::path::Path;
use std::sync::Arc;

use kv::{Entry, Error, Key, Range, Value, limits};
use lsm_tree::compaction::Leveled;
use lsm_tree::{
    AbstractTree, AnyTree, Cache, Config, DescriptorTable, Guard, SeqNo, SequenceNumberCounter,
};

use crate::frame::Write;
use crate::log::Position;

/// Sees everything. (The tree keeps the highest bit to itself.)
const EVERYTHING: SeqNo = SeqNo::MAX >> 1;

/// How many table files stay open.
const OPEN_FILES: usize = 256;

/// The ordered tables: a memtable, memtables that are being flushed, and table files. It has no log;
/// what is not flushed is in ours.
///
/// The tree numbers its own changes from the same counter as commits, so versions have gaps.
#[derive(Clone)]
pub(crate) struct Tables {
    tree: AnyTree,
    versions: SequenceNumberCounter,
    /// Written last into each memtable, so that the tables know how far they reach. Longer than any
    /// key that a transaction can write, and after all of them.
    checkpoint_key: Key,
}

impl Tables {
    pub(crate) fn open(path: &Path, cache_bytes: u64) -> Result<Self, Error> {
        let versions = SequenceNumberCounter::new(1);
        let visible = SequenceNumberCounter::default();
        let tree = Config::new(path, versions.clone(), visible)
            .use_cache(Arc::new(Cache::with_capacity_bytes(cache_bytes)))
            .use_descriptor_table(Some(Arc::new(DescriptorTable::new(OPEN_FILES))))
            .open()
            .map_err(|error| table_error(&error))?;
        let checkpoint_key = vec![0xff; limits::KEY_BYTES + 1].into();
        Ok(Self { tree, versions, checkpoint_key })
    }

    /// How far the tables reach. Called before anything is applied.
    pub(crate) fn checkpoint(&self) -> Result<Position, Error> {
        let value = self.get(&self.checkpoint_key, EVERYTHING)?;
        let Some(value) = value else { return Ok(Position::default()) };
        let Some((sequence, version)) = value.split_first_chunk::<8>() else {
            return Err(Error::Corrupt("the checkpoint in the tables is cut short".into()));
        };
        let version = version.try_into().map(u64::from_be_bytes);
        Ok(Position {
            sequence: u64::from_be_bytes(*sequence),
            version: version
                .map_err(|_| Error::Corrupt("the checkpoint in the tables is malformed".into()))?,
        })
    }

    /// A version greater than all before.
    pub(crate) fn next_version(&self) -> u64 {
        self.versions.next()
    }

    /// Makes every next version greater than `version`.
    pub(crate) fn advance_past(&self, version: u64) {
        self.versions.fetch_max(version + 1);
    }

    /// Adds writes to the memtable.
    pub(crate) fn apply(&self, writes: &[Write]) {
        for write in writes {
            // Copied: the key and value may be slices of a buffer that is much larger.
            match &write.value {
                Some(value) => self.tree.insert(&write.key[..], &value[..], write.version),
                None => self.tree.remove(&write.key[..], write.version),
            };
        }
    }

    /// The value of `key` as of `version`.
    pub(crate) fn get(&self, key: &[u8], version: u64) -> Result<Option<Value>, Error> {
        if key.is_empty() {
            return Ok(None);
        }
        let value = self.tree.get(key, version + 1).map_err(|error| table_error(&error))?;
        Ok(value.map(Value::from))
    }

    /// The newest value of `key`, published or not.
    pub(crate) fn newest(&self, key: &[u8]) -> Result<Option<Value>, Error> {
        self.get(key, EVERYTHING)
    }

    /// Entries of `range` as of `version`.
    pub(crate) fn scan(
        &self,
        range: &Range,
        version: u64,
        reverse: bool,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let end = range.end.clone().min(self.checkpoint_key.clone());
        if range.start >= end {
            return Ok(Vec::new());
        }
        let entries = self.tree.range(&range.start[..]..&end[..], version + 1, None);
        let entry = |guard: lsm_tree::IterGuardImpl| match guard.into_inner() {
            Ok((key, value)) => Ok(Entry { key: key.into(), value: value.into() }),
            Err(error) => Err(table_error(&error)),
        };
        if reverse {
            entries.rev().take(limit).map(entry).collect()
        } else {
            entries.take(limit).map(entry).collect()
        }
    }

    /// The size of the memtable, in bytes.
    pub(crate) fn memtable_bytes(&self) -> u64 {
        self.tree.active_memtable().size()
    }

    /// Whether so many memtables wait to be flushed that no more may end.
    pub(crate) fn must_wait(&self) -> bool {
        self.tree.sealed_memtable_count() >= 4
    }

    /// Whether so many table files overlap that commits should slow down.
    pub(crate) fn should_slow_down(&self) -> bool {
        self.tree.l0_run_count() >= 24
    }

    /// Ends the memtable, which reaches to `last`, and begins a new one.
    pub(crate) fn rotate(&self, last: Position) {
        let mut value = last.sequence.to_be_bytes().to_vec();
        value.extend_from_slice(&last.version.to_be_bytes());
        self.tree.insert(&self.checkpoint_key[..], value, last.version);
        self.tree.rotate_memtable();
    }

    /// Makes table files of the memtables that have ended. No snapshot is older than `oldest`.
    pub(crate) fn flush(&self, oldest: u64) -> Result<(), Error> {
        let lock = self.tree.get_flush_lock();
        self.tree.flush(&lock, oldest).map(drop).map_err(|error| table_error(&error))
    }

    /// Merges some table files where it pays, and tells whether anything changed. No snapshot is
    /// older than `oldest`.
    pub(crate) fn compact(&self, oldest: u64) -> Result<bool, Error> {
        let before = self.tree.current_version().id();
        let strategy = Arc::new(Leveled::default());
        self.tree.compact(strategy, oldest).map_err(|error| table_error(&error))?;
        Ok(self.tree.current_version().id() != before)
    }
}

fn table_error(error: &lsm_tree::Error) -> Error {
    match error {
        lsm_tree::Error::Io(error) => Error::Unavailable(format!("tables: {error}")),
        other => Error::Corrupt(format!("tables: {other:?}")),
    }
}
