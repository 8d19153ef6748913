use bytes::Bytes;

/// A key: bytes, ordered lexicographically. Build one with [`crate::KeyBuilder`].
pub type Key = Bytes;

/// A value: bytes, opaque to engines (but see [`crate::Transaction::add`]).
pub type Value = Bytes;

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: Value,
}

/// The keys from `start` up to but without `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first key of the range.
    pub start: Key,
    /// The first key after the range.
    pub end: Key,
}

impl Range {
    /// The range from `start` (inclusive) to `end` (exclusive).
    #[must_use]
    pub fn new(start: Key, end: Key) -> Self {
        Self { start, end }
    }

    /// Every key that begins with `prefix`, the prefix itself included.
    ///
    /// A prefix that is empty or all `0xff` has no successor of its own length; the range then ends
    /// above every key that [`crate::limits::KEY_BYTES`] allows.
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while end.last() == Some(&0xff) {
            end.pop();
        }
        match end.last_mut() {
            Some(last) => *last += 1,
            None => end = vec![0xff; crate::limits::KEY_BYTES + 1],
        }
        Self { start: Bytes::copy_from_slice(prefix), end: end.into() }
    }

    /// The range that holds `key` and nothing else.
    #[must_use]
    pub fn single(key: &[u8]) -> Self {
        Self { start: Bytes::copy_from_slice(key), end: after(key) }
    }

    /// The same range without the keys up to and including `key`: how a forward scan goes on.
    #[must_use]
    pub fn after(&self, key: &[u8]) -> Self {
        let start = after(key);
        Self { start: start.max(self.start.clone()), end: self.end.clone() }
    }

    /// The same range without `key` and the keys above it: how a reverse scan goes on.
    #[must_use]
    pub fn before(&self, key: &[u8]) -> Self {
        let end = Bytes::copy_from_slice(key);
        Self { start: self.start.clone(), end: end.min(self.end.clone()) }
    }

    /// Whether `key` lies in the range.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        *self.start <= *key && *key < *self.end
    }

    /// Whether no key can lie in the range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }
}

/// The smallest key greater than `key`.
pub(crate) fn after(key: &[u8]) -> Key {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_range_ends_before_the_next_sibling() {
        assert_eq!(Range::prefix(b"ab").end, Bytes::from_static(b"ac"));
        assert_eq!(Range::prefix(b"a\xff\xff").end, Bytes::from_static(b"b"));
    }

    #[test]
    fn a_prefix_without_a_successor_ends_above_every_key() {
        let all = Range::prefix(b"");
        assert!(all.contains(&vec![0xff; crate::limits::KEY_BYTES]));
        assert!(Range::prefix(b"\xff").contains(&vec![0xff; crate::limits::KEY_BYTES]));
        assert!(!Range::prefix(b"\xff").contains(b"\xfe"));
    }

    #[test]
    fn a_scan_continues_on_either_side_of_a_key() {
        let range = Range::prefix(b"a");
        assert!(!range.after(b"ab").contains(b"ab"));
        assert!(range.after(b"ab").contains(b"ab\0"));
        assert!(!range.before(b"ab").contains(b"ab"));
        assert!(range.before(b"ab").contains(b"aa\xff"));
    }
}
