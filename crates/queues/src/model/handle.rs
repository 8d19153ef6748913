//! Receipt handles.

use crate::{Error, keys::Id};
use base64::{Engine, engine::general_purpose::STANDARD};

/// What a receipt handle says: which message of which queue, and which receive of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) queue: Id,
    pub(crate) message: Id,
    pub(crate) receipt: u64,
}

impl Handle {
    pub(crate) fn encode(&self) -> String {
        let mut bytes = [0; 40];
        bytes[..16].copy_from_slice(&self.queue);
        bytes[16..32].copy_from_slice(&self.message);
        bytes[32..].copy_from_slice(&self.receipt.to_be_bytes());
        STANDARD.encode(bytes)
    }

    pub(crate) fn decode(text: &str) -> Result<Self, Error> {
        let bytes = STANDARD.decode(text).map_err(|_| Error::ReceiptHandleIsInvalid)?;
        let bytes: [u8; 40] = bytes.try_into().map_err(|_| Error::ReceiptHandleIsInvalid)?;
        let mut handle = Self { queue: [0; 16], message: [0; 16], receipt: 0 };
        handle.queue.copy_from_slice(&bytes[..16]);
        handle.message.copy_from_slice(&bytes[16..32]);
        let mut receipt = [0; 8];
        receipt.copy_from_slice(&bytes[32..]);
        handle.receipt = u64::from_be_bytes(receipt);
        Ok(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_goes_both_ways_and_nothing_else_is_one() {
        let handle = Handle { queue: [1; 16], message: [2; 16], receipt: 3 };
        assert_eq!(Handle::decode(&handle.encode()).unwrap(), handle);
        assert!(Handle::decode("AAAA").is_err());
        assert!(Handle::decode("not base64!").is_err());
    }
}
