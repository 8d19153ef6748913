use std::fmt;

use crate::Key;

/// The place of one versionstamped write in the order of all commits: the commit's version (8 bytes,
/// big-endian) and the write's position among the transaction's stamped writes (2 bytes, big-endian).
///
/// Unique, and increasing in commit order: a reader that has seen one stamp never later finds a new
/// smaller one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp([u8; Self::BYTES]);

impl Stamp {
    /// The length of a stamp, in bytes.
    pub const BYTES: usize = 10;

    /// The least stamp.
    pub const MIN: Self = Self([0; Self::BYTES]);

    /// The greatest stamp.
    pub const MAX: Self = Self([0xff; Self::BYTES]);

    /// The stamp of the stamped write number `order` (from 0) of the commit `version`.
    #[must_use]
    pub fn new(version: u64, order: u16) -> Self {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&version.to_be_bytes());
        bytes[8..].copy_from_slice(&order.to_be_bytes());
        Self(bytes)
    }

    /// The stamp whose bytes, as they stand in a key, are these.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes as they stand in a key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// The key of a versionstamped write: `prefix`, the stamp, `suffix`.
    #[must_use]
    pub fn in_key(&self, prefix: &[u8], suffix: &[u8]) -> Key {
        [prefix, &self.0, suffix].concat().into()
    }

    /// The version of the commit that wrote it.
    #[must_use]
    pub fn version(&self) -> u64 {
        let mut version = [0; 8];
        version.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(version)
    }

    /// Its position among the stamped writes of its transaction, from 0.
    #[must_use]
    pub fn order(&self) -> u16 {
        u16::from_be_bytes([self.0[8], self.0[9]])
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamp({}.{})", self.version(), self.order())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_ten_big_endian_bytes() {
        let stamp = Stamp::new(0x0102_0304_0506_0708, 0x090a);
        assert_eq!(stamp.as_bytes(), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!((stamp.version(), stamp.order()), (0x0102_0304_0506_0708, 0x090a));
        assert_eq!(Stamp::from_bytes(*stamp.as_bytes()), stamp);
    }

    #[test]
    fn stamps_are_ordered_by_version_and_then_by_position() {
        assert!(Stamp::new(1, u16::MAX) < Stamp::new(2, 0));
        assert!(Stamp::new(255, 0) < Stamp::new(256, 0));
        assert!(Stamp::new(1, 255) < Stamp::new(1, 256));
    }
}
