//! Pages as bytes: in the files of a backup and over the network.
//!
//! ```text
//! 00, length of key (u32), length of value (u32), key, value     an entry
//! 01, id (16 bytes), bytes in the storage (u64)                   a blob
//! ```
//! Numbers are big-endian. Where the next page begins is told beside it.

use crate::{Error, Page};
use blob::BlobId;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use kv::{Entry, limits};
use service::records::Referred;

const ENTRY: u8 = 0;
const BLOB: u8 = 1;

/// The entries and blobs of a page as bytes.
#[must_use]
pub fn encode(page: &Page) -> Bytes {
    let mut bytes = BytesMut::new();
    for entry in &page.entries {
        bytes.put_u8(ENTRY);
        // A key and a value are far shorter: see `kv::limits`.
        bytes.put_u32(entry.key.len() as u32);
        bytes.put_u32(entry.value.len() as u32);
        bytes.put_slice(&entry.key);
        bytes.put_slice(&entry.value);
    }
    for blob in &page.blobs {
        bytes.put_u8(BLOB);
        bytes.put_slice(blob.id.as_bytes());
        bytes.put_u64(blob.stored_bytes);
    }
    bytes.freeze()
}

/// The page of these bytes.
///
/// # Errors
/// [`Error::Damaged`].
pub fn decode(mut bytes: Bytes) -> Result<Page, Error> {
    let mut page = Page::default();
    while !bytes.is_empty() {
        match bytes.get_u8() {
            ENTRY => page.entries.push(entry(&mut bytes).ok_or_else(cut_short)?),
            BLOB => page.blobs.push(blob(&mut bytes).ok_or_else(cut_short)?),
            kind => return Err(Error::Damaged(format!("nothing is of kind {kind}"))),
        }
    }
    Ok(page)
}

fn cut_short() -> Error {
    Error::Damaged("a page is cut short".to_owned())
}

fn entry(bytes: &mut Bytes) -> Option<Entry> {
    let (key, value) = (bytes.try_get_u32().ok()? as usize, bytes.try_get_u32().ok()? as usize);
    let fits = key <= limits::KEY_BYTES && value <= limits::VALUE_BYTES;
    if !fits || bytes.len() < key + value {
        return None;
    }
    // Copied: an entry may live longer than its page.
    let key = Bytes::copy_from_slice(&bytes.split_to(key));
    Some(Entry { key, value: bytes.split_to(value) })
}

fn blob(bytes: &mut Bytes) -> Option<Referred> {
    let mut id = [0; 16];
    bytes.try_copy_to_slice(&mut id).ok()?;
    Some(Referred { id: BlobId::from_random(id), stored_bytes: bytes.try_get_u64().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let entry = |key: &'static str, value: &'static str| Entry {
            key: Bytes::from_static(key.as_bytes()),
            value: Bytes::from_static(value.as_bytes()),
        };
        Page {
            entries: vec![entry("a", "one"), entry("b", "")],
            blobs: vec![Referred { id: BlobId::from_random([7; 16]), stored_bytes: 258 }],
            next: None,
        }
    }

    #[test]
    fn a_page_is_what_was_encoded() {
        assert_eq!(decode(encode(&page())).unwrap(), page());
        assert_eq!(decode(Bytes::new()).unwrap(), Page::default());
    }

    #[test]
    fn a_page_that_is_cut_short_or_of_another_kind_is_damaged() {
        let good = encode(&page());
        let ends = [13, 23, 24];
        for end in (1..good.len()).filter(|end| !ends.contains(end)) {
            let cut = decode(good.slice(..end));
            let whole = cut.as_ref().is_ok_and(|page| encode(page) == good.slice(..end));
            assert!(cut.is_err() || whole, "{end}");
        }
        assert!(matches!(decode(Bytes::from_static(&[9])), Err(Error::Damaged(_))));
    }
}
