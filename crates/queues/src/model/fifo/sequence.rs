use kv::{Committed, Stamp};
use serde::{Serialize, Serializer, ser::Error};
use std::fmt;

/// Sequence numbers have 20 digits.
const FIRST: u128 = 10_000_000_000_000_000_000;

/// The sequence number of a message: its stamp, as a number that grows with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sequence {
    /// It lies there.
    At(Stamp),
    /// It is the stamped write of this position in a transaction that has not committed yet.
    Coming(u16),
}

impl Sequence {
    pub(crate) fn committed(&mut self, committed: &Committed) {
        if let Self::Coming(order) = *self {
            *self = Self::At(committed.stamp(order));
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(stamp) => {
                let stamp = u128::from(stamp.version()) << 16 | u128::from(stamp.order());
                write!(f, "{}", FIRST + stamp)
            }
            Self::Coming(_) => Err(fmt::Error),
        }
    }
}

impl Serialize for Sequence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(_) => serializer.collect_str(self),
            Self::Coming(_) => Err(S::Error::custom("the commit of a message is not known")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_have_twenty_digits_and_grow_with_the_stamp() {
        let text = |version, order| Sequence::At(Stamp::new(version, order)).to_string();
        assert_eq!(text(0, 0), "10000000000000000000");
        assert_eq!(text(1, 2), "10000000000000065538");
        assert!(text(1, u16::MAX) < text(2, 0));
        assert_eq!(text(1 << 50, 0).len(), 20);
    }
}
