use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use crate::{Commit, Error, Key};

/// What a window may hold, keys and bookkeeping together, in bytes.
const WINDOW_BYTES: usize = 16 * 1024 * 1024;

/// The bookkeeping for one write, in bytes, about.
const WRITE_BYTES: usize = 128;

/// The keys that recent commits have written, to check what a transaction has read against. It holds
/// 16 MiB of keys; what is older than that is forgotten, and transactions from before then are too
/// old. For engines that check commits in memory.
#[derive(Debug)]
pub struct Window {
    /// The last version that wrote each key.
    written: BTreeMap<Key, u64>,
    /// Every write, in version order.
    writes: VecDeque<(u64, Key)>,
    bytes: usize,
    limit: usize,
    /// Writes at or below this version are not all known.
    floor: u64,
}

impl Window {
    /// A window that begins after `version`.
    #[must_use]
    pub fn new(version: u64) -> Self {
        Self {
            written: BTreeMap::new(),
            writes: VecDeque::new(),
            bytes: 0,
            limit: WINDOW_BYTES,
            floor: version,
        }
    }

    /// Fails if anything that the transaction has read was written since.
    ///
    /// # Errors
    /// [`Error::Conflict`]; [`Error::TooOld`] if not all that was written since is known.
    pub fn check(&self, commit: &Commit) -> Result<(), Error> {
        if commit.reads.is_empty() && commit.ranges.is_empty() {
            return Ok(());
        }
        let read = commit.read_version;
        if read < self.floor {
            return Err(Error::TooOld);
        }
        let key = commit.reads.iter().any(|key| self.written.get(key).is_some_and(|at| *at > read));
        let range = commit.ranges.iter().any(|range| {
            let bounds = (Bound::Included(&range.start), Bound::Excluded(&range.end));
            self.written.range::<Key, _>(bounds).any(|(_, at)| *at > read)
        });
        if key || range { Err(Error::Conflict) } else { Ok(()) }
    }

    /// Remembers that `version`, the last one so far, wrote `key`.
    pub fn record(&mut self, version: u64, key: &Key) {
        self.bytes += key.len() + WRITE_BYTES;
        self.written.insert(key.clone(), version);
        self.writes.push_back((version, key.clone()));
    }

    /// Forgets the oldest writes until the limit is kept.
    pub fn shrink(&mut self) {
        while self.bytes > self.limit {
            let Some((version, key)) = self.writes.pop_front() else { return };
            self.bytes -= key.len() + WRITE_BYTES;
            self.floor = version;
            if self.written.get(&key) == Some(&version) {
                self.written.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Range;

    use super::*;

    fn reads(read_version: u64, key: &'static [u8]) -> Commit {
        Commit { read_version, reads: vec![Key::from_static(key)], ..Commit::default() }
    }

    #[test]
    fn a_read_conflicts_with_a_later_write_only() {
        let mut window = Window::new(4);
        window.record(5, &Key::from_static(b"a"));
        assert_eq!(window.check(&reads(4, b"a")), Err(Error::Conflict));
        assert_eq!(window.check(&reads(5, b"a")), Ok(()));
        assert_eq!(window.check(&reads(4, b"b")), Ok(()));
        let range = |range| Commit { read_version: 4, ranges: vec![range], ..Commit::default() };
        assert_eq!(window.check(&range(Range::prefix(b"a"))), Err(Error::Conflict));
        assert_eq!(window.check(&range(Range::prefix(b"b"))), Ok(()));
    }

    #[test]
    fn a_snapshot_from_before_the_window_is_too_old() {
        let mut window = Window::new(0);
        window.limit = 3 * (WRITE_BYTES + 1);
        for version in 1..=5 {
            window.record(version, &Key::from(vec![u8::try_from(version % 2).unwrap()]));
            window.shrink();
        }
        assert_eq!(window.check(&reads(1, b"z")), Err(Error::TooOld));
        assert_eq!(window.check(&reads(2, b"z")), Ok(()));
        assert_eq!(window.check(&reads(2, b"\x01")), Err(Error::Conflict));
        assert_eq!(window.check(&Commit::default()), Ok(()));
    }
}
