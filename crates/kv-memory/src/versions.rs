use std::collections::{BTreeMap, VecDeque};

use kv::{Entry, Key, Range, Value};

/// Every key's recent values by version, as far back as an open snapshot can see.
#[derive(Default)]
pub(crate) struct Versions {
    /// Values in version order; `None` is a deletion.
    keys: BTreeMap<Key, Vec<(u64, Option<Value>)>>,
    /// Writes that may have left something to forget, in version order.
    written: VecDeque<(u64, Key)>,
    /// Open snapshots by version.
    open: BTreeMap<u64, usize>,
    /// The last published version.
    pub(crate) version: u64,
    /// Writes at or below this version may be forgotten.
    forgotten: u64,
}

impl Versions {
    pub(crate) fn open_snapshot(&mut self) -> u64 {
        *self.open.entry(self.version).or_default() += 1;
        self.version
    }

    pub(crate) fn close_snapshot(&mut self, version: u64) {
        if let Some(count) = self.open.get_mut(&version) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&version);
            }
        }
        self.forget();
    }

    /// Whether writes since `version` are all still known.
    pub(crate) fn covers(&self, version: u64) -> bool {
        version >= self.forgotten
    }

    pub(crate) fn last_written(&self, key: &[u8]) -> Option<u64> {
        self.keys.get(key)?.last().map(|(version, _)| *version)
    }

    pub(crate) fn written_since(&self, range: &Range, version: u64) -> bool {
        self.keys
            .range(range.start.clone()..range.end.clone())
            .any(|(_, values)| values.last().is_some_and(|(written, _)| *written > version))
    }

    pub(crate) fn get(&self, key: &[u8], version: u64) -> Option<Value> {
        visible(self.keys.get(key)?, version)
    }

    pub(crate) fn scan(
        &self,
        range: &Range,
        version: u64,
        reverse: bool,
        limit: usize,
    ) -> Vec<Entry> {
        if range.is_empty() {
            return Vec::new();
        }
        let entries =
            self.keys.range(range.start.clone()..range.end.clone()).filter_map(|(key, values)| {
                visible(values, version).map(|value| Entry { key: key.clone(), value })
            });
        if reverse { entries.rev().take(limit).collect() } else { entries.take(limit).collect() }
    }

    /// Publishes `writes` as `version`.
    pub(crate) fn publish(&mut self, version: u64, writes: BTreeMap<Key, Option<Value>>) {
        for (key, value) in writes {
            self.written.push_back((version, key.clone()));
            self.keys.entry(key).or_default().push((version, value));
        }
        self.version = version;
        self.forget();
    }

    /// Forgets what no open or future snapshot can see.
    fn forget(&mut self) {
        let oldest = self.open.keys().next().copied().unwrap_or(self.version);
        while self.written.front().is_some_and(|(version, _)| *version <= oldest) {
            let Some((version, key)) = self.written.pop_front() else { break };
            self.forgotten = version;
            let Some(values) = self.keys.get_mut(&key) else { continue };
            let unseen = values.partition_point(|(written, _)| *written <= oldest);
            values.drain(..unseen.saturating_sub(1));
            if matches!(values.as_slice(), [(written, None)] if *written <= oldest) {
                self.keys.remove(&key);
            }
        }
    }
}

fn visible(values: &[(u64, Option<Value>)], version: u64) -> Option<Value> {
    let after = values.partition_point(|(written, _)| *written <= version);
    values[..after].last()?.1.clone()
}
