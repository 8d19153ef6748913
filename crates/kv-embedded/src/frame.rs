//! The bytes of the log.
//!
//! A frame is one batch of transactions: header, then payload. All numbers are little-endian.
//!
//! | header | bytes |
//! |---|---|
//! | checksum of the rest of the header (CRC-32) | 4 |
//! | mark | 4 |
//! | sequence: 1 more than the frame before | 8 |
//! | payload length | 4 |
//! | payload checksum (CRC-32) | 4 |
//!
//! The payload is, for each write: version (8), key length (2), value length (4, or all ones for a
//! deletion), key, value.

use bytes::Bytes;
use kv::{Error, Key, Value};

/// The length of a frame's header.
pub(crate) const HEADER_BYTES: usize = 24;

const MARK: u32 = 0x1e_9a_5c_07;
const DELETED: u32 = u32::MAX;

/// One key's new value in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) version: u64,
    pub(crate) key: Key,
    /// `None` deletes the key.
    pub(crate) value: Option<Value>,
}

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) sequence: u64,
    pub(crate) payload_bytes: usize,
    payload_checksum: u32,
}

/// Encodes the frame number `sequence` into `frame`, replacing what is there.
pub(crate) fn encode(frame: &mut Vec<u8>, sequence: u64, writes: &[Write]) {
    frame.clear();
    frame.resize(HEADER_BYTES, 0);
    for write in writes {
        let key_bytes = u16::try_from(write.key.len()).expect("a key is at most 2,560 bytes");
        let value_bytes = write
            .value
            .as_ref()
            .map_or(DELETED, |value| u32::try_from(value.len()).expect("a value is at most 2 MiB"));
        frame.extend_from_slice(&write.version.to_le_bytes());
        frame.extend_from_slice(&key_bytes.to_le_bytes());
        frame.extend_from_slice(&value_bytes.to_le_bytes());
        frame.extend_from_slice(&write.key);
        frame.extend_from_slice(write.value.as_deref().unwrap_or_default());
    }
    let payload = &frame[HEADER_BYTES..];
    let payload_bytes = u32::try_from(payload.len()).expect("a batch is far below 4 GiB");
    let payload_checksum = crc32fast::hash(payload);
    frame[4..8].copy_from_slice(&MARK.to_le_bytes());
    frame[8..16].copy_from_slice(&sequence.to_le_bytes());
    frame[16..20].copy_from_slice(&payload_bytes.to_le_bytes());
    frame[20..24].copy_from_slice(&payload_checksum.to_le_bytes());
    let checksum = crc32fast::hash(&frame[4..HEADER_BYTES]);
    frame[..4].copy_from_slice(&checksum.to_le_bytes());
}

/// The header at the beginning of `bytes`, if that is one.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let header: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
    let word = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    if word(4) != MARK || word(0) != crc32fast::hash(&header[4..]) {
        return None;
    }
    Some(Header {
        sequence: u64::from(word(8)) | u64::from(word(12)) << 32,
        payload_bytes: usize::try_from(word(16)).ok()?,
        payload_checksum: word(20),
    })
}

/// The payload of the frame with this header, which begins `bytes`, if it is whole.
pub(crate) fn payload(header: &Header, bytes: &Bytes) -> Option<Bytes> {
    let end = HEADER_BYTES.checked_add(header.payload_bytes)?;
    if bytes.len() < end || crc32fast::hash(&bytes[HEADER_BYTES..end]) != header.payload_checksum {
        return None;
    }
    Some(bytes.slice(HEADER_BYTES..end))
}

/// The writes of a payload whose checksum has been found right.
pub(crate) fn decode(mut payload: Bytes) -> Result<Vec<Write>, Error> {
    let mut writes = Vec::new();
    while !payload.is_empty() {
        let head = payload.split_to(14.min(payload.len()));
        let Some(head) = head.first_chunk::<14>() else { return Err(malformed()) };
        let [a, b, c, d, e, f, g, h, key0, key1, value @ ..] = *head;
        let key_bytes = usize::from(u16::from_le_bytes([key0, key1]));
        let value_bytes = match u32::from_le_bytes(value) {
            DELETED => None,
            bytes => Some(usize::try_from(bytes).map_err(|_| malformed())?),
        };
        if payload.len() < key_bytes + value_bytes.unwrap_or(0) {
            return Err(malformed());
        }
        writes.push(Write {
            version: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            key: payload.split_to(key_bytes),
            value: value_bytes.map(|bytes| payload.split_to(bytes)),
        });
    }
    Ok(writes)
}

fn malformed() -> Error {
    Error::Corrupt("a log frame of right checksum holds no list of writes".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes() -> Vec<Write> {
        vec![
            Write {
                version: 7,
                key: Key::from_static(b"k"),
                value: Some(Value::from_static(b"value")),
            },
            Write { version: 7, key: Key::from_static(b"gone"), value: None },
            Write { version: 8, key: Key::from_static(b"empty"), value: Some(Value::new()) },
        ]
    }

    #[test]
    fn a_frame_reads_back_as_it_was_written() {
        let mut bytes = vec![1, 2, 3];
        encode(&mut bytes, 42, &writes());
        bytes.extend_from_slice(b"what follows");
        let bytes = Bytes::from(bytes);
        let header = header(&bytes).unwrap();
        assert_eq!(header.sequence, 42);
        assert_eq!(decode(payload(&header, &bytes).unwrap()).unwrap(), writes());
    }

    #[test]
    fn a_change_of_any_bit_is_noticed() {
        let mut frame = Vec::new();
        encode(&mut frame, 42, &writes());
        for at in 0..frame.len() * 8 {
            let mut changed = frame.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let changed = Bytes::from(changed);
            let read = header(&changed).and_then(|header| payload(&header, &changed));
            assert_eq!(read, None, "bit {at}");
        }
    }

    #[test]
    fn the_bytes_of_a_frame_are_permanent() {
        let mut frame = Vec::new();
        encode(&mut frame, 1, &writes()[..2]);
        let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
        let payload = "07000000000000000100050000006b76616c7565\
                       07000000000000000400ffffffff676f6e65";
        assert_eq!(&hex[8..40], "075c9a1e010000000000000026000000");
        assert_eq!(&hex[48..], payload);
    }
}
