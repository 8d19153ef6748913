//! Receipt handles.

use super::Queue;
use crate::{Error, config, keys::Id};
use base64::{Engine, engine::general_purpose::STANDARD};

/// What a receipt handle says: which message of which queue, and which receive of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) queue: Id,
    pub(crate) message: Id,
    pub(crate) receipt: u64,
    /// The message's group, in a FIFO queue.
    pub(crate) group: Option<String>,
}

impl Handle {
    pub(crate) fn encode(&self) -> String {
        let group = self.group.as_deref().unwrap_or_default();
        let receipt = self.receipt.to_be_bytes();
        STANDARD.encode([&self.queue[..], &self.message, &receipt, group.as_bytes()].concat())
    }

    pub(crate) fn decode(text: &str) -> Result<Self, Error> {
        let read = || {
            let bytes = STANDARD.decode(text).ok()?;
            let (queue, rest) = bytes.split_first_chunk()?;
            let (message, rest) = rest.split_first_chunk()?;
            let (receipt, group) = rest.split_first_chunk()?;
            let group =
                str::from_utf8(group).ok().filter(|g| g.len() <= *config::FIFO_ID_CHARS.end())?;
            let group = (!group.is_empty()).then(|| group.to_owned());
            let receipt = u64::from_be_bytes(*receipt);
            Some(Self { queue: *queue, message: *message, receipt, group })
        };
        read().ok_or(Error::ReceiptHandleIsInvalid)
    }

    /// Reads a handle of this queue.
    pub(crate) fn of(queue: &Queue, text: &str) -> Result<Self, Error> {
        let handle = Self::decode(text)?;
        if handle.queue != queue.id || handle.group.is_some() != queue.fifo.is_some() {
            return Err(Error::ReceiptHandleIsInvalid);
        }
        Ok(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_goes_both_ways_and_nothing_else_is_one() {
        for group in [None, Some("a group".to_owned())] {
            let handle = Handle { queue: [1; 16], message: [2; 16], receipt: 3, group };
            assert_eq!(Handle::decode(&handle.encode()).unwrap(), handle);
        }
        assert!(Handle::decode("AAAA").is_err());
        assert!(Handle::decode("not base64!").is_err());
        assert!(Handle::decode(&STANDARD.encode([b'a'; 169])).is_err());
    }
}
