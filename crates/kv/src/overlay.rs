use std::collections::BTreeMap;
use std::collections::btree_map;
use std::ops::Bound;

use crate::{Entry, Error, Key, Mutation, Range, Value, add_to};

/// What a transaction has done to one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Write {
    Put(Value),
    Delete,
    Add(i64),
}

impl Write {
    /// What a reader of the transaction sees, given the value in the snapshot.
    fn apply(&self, base: Option<&[u8]>) -> Result<Option<Value>, Error> {
        match self {
            Self::Put(value) => Ok(Some(value.clone())),
            Self::Delete => Ok(None),
            Self::Add(delta) => add_to(base, *delta).map(Some),
        }
    }

    /// The bytes it will write beside its key.
    fn value_bytes(&self) -> usize {
        match self {
            Self::Put(value) => value.len(),
            Self::Delete => 0,
            Self::Add(_) => size_of::<i64>(),
        }
    }
}

/// The writes of a transaction that is not committed, by key, at most one for each.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    writes: BTreeMap<Key, Write>,
    bytes: usize,
}

impl Overlay {
    pub(crate) fn len(&self) -> usize {
        self.writes.len()
    }

    /// Keys and values together.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<&Write> {
        self.writes.get(key)
    }

    /// What `key` reads as, given its value in the snapshot.
    pub(crate) fn read(&self, key: &[u8], base: Option<Value>) -> Result<Option<Value>, Error> {
        match self.writes.get(key) {
            None => Ok(base),
            Some(write) => write.apply(base.as_deref()),
        }
    }

    /// Replaces whatever was done to `key`.
    pub(crate) fn set(&mut self, key: Key, write: Write) {
        self.bytes += key.len() + write.value_bytes();
        let key_bytes = key.len();
        if let Some(old) = self.writes.insert(key, write) {
            self.bytes -= key_bytes + old.value_bytes();
        }
    }

    /// Adds on top of whatever was done to `key`.
    pub(crate) fn add(&mut self, key: Key, delta: i64) -> Result<(), Error> {
        let write = match self.writes.get(&key) {
            None => Write::Add(delta),
            Some(Write::Add(before)) => Write::Add(before.wrapping_add(delta)),
            Some(Write::Put(value)) => Write::Put(add_to(Some(value), delta)?),
            Some(Write::Delete) => Write::Put(add_to(None, delta)?),
        };
        self.set(key, write);
        Ok(())
    }

    /// How many entries of the snapshot's `range` the transaction has deleted at most.
    pub(crate) fn deletes(&self, range: &Range) -> usize {
        self.in_range(range).filter(|(_, write)| matches!(write, Write::Delete)).count()
    }

    /// Merges `base`, entries of the snapshot's `range` in scan order, with the writes.
    ///
    /// `base` must be complete, or hold at least `limit` entries that the transaction has not
    /// deleted: then no write beyond its last entry can be among the first `limit`.
    pub(crate) fn merge(
        &self,
        range: &Range,
        base: Vec<Entry>,
        reverse: bool,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        if self.writes.is_empty() {
            return Ok(base);
        }
        let mut merged: BTreeMap<Key, Value> =
            base.into_iter().map(|entry| (entry.key, entry.value)).collect();
        for (key, write) in self.in_range(range) {
            match write.apply(merged.get(key).map(|value| &value[..]))? {
                Some(value) => merged.insert(key.clone(), value),
                None => merged.remove(key),
            };
        }
        let entry = |(key, value)| Entry { key, value };
        Ok(if reverse {
            merged.into_iter().rev().take(limit).map(entry).collect()
        } else {
            merged.into_iter().take(limit).map(entry).collect()
        })
    }

    /// The writes as mutations, in key order.
    pub(crate) fn into_mutations(self) -> impl Iterator<Item = Mutation> {
        self.writes.into_iter().map(|(key, write)| match write {
            Write::Put(value) => Mutation::Put { key, value },
            Write::Delete => Mutation::Delete { key },
            Write::Add(delta) => Mutation::Add { key, delta },
        })
    }

    fn in_range(&self, range: &Range) -> btree_map::Range<'_, Key, Write> {
        // An inverted range would panic; an empty one may be anywhere.
        let end = if range.is_empty() { &range.start } else { &range.end };
        self.writes.range::<Key, _>((Bound::Included(&range.start), Bound::Excluded(end)))
    }
}
