use super::invalid_token;
use crate::Error;
use kv::Stamp;
use types::Timestamp;

/// A place between two events of a stream: before the event of this time, stamp and index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) time: Timestamp,
    pub(crate) stamp: Stamp,
    /// Among the events of one record.
    pub(crate) index: u32,
}

/// Bytes of a position in a token.
const BYTES: usize = 8 + Stamp::BYTES + 4;

impl Position {
    /// Before every event at `time`.
    pub(crate) fn before(time: Timestamp) -> Self {
        Self { time, stamp: Stamp::MIN, index: 0 }
    }

    /// Behind the event that this place is before.
    pub(crate) fn next(self) -> Self {
        Self { index: self.index.saturating_add(1), ..self }
    }

    pub(crate) fn encode(self) -> String {
        let time = self.time.as_millis().to_be_bytes();
        hex::encode([&time[..], self.stamp.as_bytes(), &self.index.to_be_bytes()].concat())
    }

    /// # Errors
    /// The token is not one that [`Position::encode`] made.
    pub(crate) fn decode(text: &str) -> Result<Self, Error> {
        let bytes = hex::decode(text).map_err(|_| invalid_token())?;
        let bytes: [u8; BYTES] = bytes.try_into().map_err(|_| invalid_token())?;
        let (time, rest) = bytes.split_first_chunk().ok_or_else(invalid_token)?;
        let (stamp, index) = rest.split_first_chunk().ok_or_else(invalid_token)?;
        let index = index.try_into().map_err(|_| invalid_token())?;
        Ok(Self {
            time: Timestamp::from_millis(u64::from_be_bytes(*time)),
            stamp: Stamp::from_bytes(*stamp),
            index: u32::from_be_bytes(index),
        })
    }

    /// An id that no other event of the stream has: 56 decimal digits.
    pub(crate) fn event_id(self) -> String {
        let (time, version) = (self.time.as_millis(), self.stamp.version());
        format!("{time:015}{version:020}{:05}{:016}", self.stamp.order(), self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_back_its_place() {
        let place = Position { time: Timestamp::from_millis(5), stamp: Stamp::new(6, 7), index: 8 };
        assert_eq!(Position::decode(&place.encode()).unwrap(), place);
        assert_eq!(place.event_id().len(), 56);
        for bad in ["", "00", "zz", &"0".repeat(46)] {
            assert!(Position::decode(bad).is_err(), "{bad}");
        }
    }
}
