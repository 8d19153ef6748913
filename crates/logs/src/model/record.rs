use super::Position;
use crate::config::EVENT_OVERHEAD_BYTES;
use kv::{Error, Value};
use types::Timestamp;

/// Messages that were accepted together and have the same timestamp.
///
/// Its bytes are the version 1, when it was accepted (ms, 8 bytes), and every message behind its
/// length (4 bytes). Not JSON, because messages are large and many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) ingested: Timestamp,
    pub(crate) messages: Vec<String>,
}

const VERSION: u8 = 1;

impl Record {
    pub(crate) fn encode(ingested: Timestamp, messages: &[&str]) -> Value {
        let length: usize = messages.iter().map(|message| message.len() + 4).sum();
        let mut bytes = Vec::with_capacity(9 + length);
        bytes.push(VERSION);
        bytes.extend_from_slice(&ingested.as_millis().to_be_bytes());
        for message in messages {
            let length = u32::try_from(message.len()).expect("a message is at most 1 MiB");
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(message.as_bytes());
        }
        bytes.into()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let corrupt = || Error::Corrupt("a record of log events is damaged".to_owned());
        let (version, rest) = bytes.split_first().ok_or_else(corrupt)?;
        if *version != VERSION {
            return Err(Error::Corrupt(format!("a record of log events has version {version}")));
        }
        let (ingested, mut rest) = rest.split_first_chunk().ok_or_else(corrupt)?;
        let mut messages = Vec::new();
        while !rest.is_empty() {
            let (length, behind) = rest.split_first_chunk().ok_or_else(corrupt)?;
            let length = u32::from_be_bytes(*length) as usize;
            let (message, behind) = behind.split_at_checked(length).ok_or_else(corrupt)?;
            messages.push(String::from_utf8(message.to_vec()).map_err(|_| corrupt())?);
            rest = behind;
        }
        let ingested = Timestamp::from_millis(u64::from_be_bytes(*ingested));
        Ok(Self { ingested, messages })
    }
}

/// One event, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) position: Position,
    pub(crate) ingested: Timestamp,
    pub(crate) message: String,
}

impl Event {
    /// What it counts towards limits.
    pub(crate) fn bytes(&self) -> usize {
        counted(&self.message)
    }

    /// The events of a stored record.
    pub(crate) fn of(entry: &kv::Entry) -> Result<Vec<Self>, Error> {
        let (time, stamp) = crate::keys::place_of(&entry.key)?;
        let record = Record::decode(&entry.value)?;
        let events = record.messages.into_iter().zip(0..).map(|(message, index)| Self {
            position: Position { time, stamp, index },
            ingested: record.ingested,
            message,
        });
        Ok(events.collect())
    }
}

/// What a message counts towards limits, in bytes.
pub(crate) fn counted(message: &str) -> usize {
    message.len() + EVENT_OVERHEAD_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_record_stays_readable() {
        let bytes = b"\x01\0\0\0\0\0\0\0\x05\0\0\0\x02hi\0\0\0\0";
        let record = Record::decode(bytes).unwrap();
        assert_eq!(record.messages, ["hi", ""]);
        assert_eq!(&Record::encode(record.ingested, &["hi", ""])[..], bytes);
        for bad in
            [&b""[..], b"\x02", b"\x01\0", &bytes[..12], b"\x01\0\0\0\0\0\0\0\x05\0\0\0\x01\xff"]
        {
            assert!(Record::decode(bad).is_err(), "{bad:?}");
        }
    }
}
