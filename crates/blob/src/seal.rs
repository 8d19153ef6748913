//! Encryption of blobs in frames that can be opened one by one.
//!
//! ```text
//! blob key   = HMAC-SHA-256(HMAC-SHA-256(master key, PURPOSE), id, salt)
//! frame i    = AES-256-GCM of bytes [i * FRAME_BYTES, (i + 1) * FRAME_BYTES), then its 16-byte tag
//! nonce of i = 01 for the last frame, else 00; 000000; i as 8 bytes, big-endian
//! ```
//!
//! The key is used for one upload only, so that a nonce made of the frame's place is used once. The
//! last frame may be shorter, and is the only one of an empty blob.

use crate::{BlobId, id::Salt};
use bytes::{Bytes, BytesMut};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
};

/// How many bytes of a sealed blob are encrypted together.
pub const FRAME_BYTES: usize = 64 * 1024;
/// The tag that authenticates a frame.
pub(crate) const TAG_BYTES: usize = 16;
/// A whole frame as it is stored.
pub(crate) const SEALED_FRAME_BYTES: usize = FRAME_BYTES + TAG_BYTES;

/// Makes the key one of this use only.
const PURPOSE: &[u8] = b"pileus blobs 1";

/// What the keys of all blobs are made of.
#[derive(Clone)]
pub(crate) struct BlobsKey(hmac::Key);

impl BlobsKey {
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master_key);
        Self(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, PURPOSE).as_ref()))
    }

    pub(crate) fn frames(&self, id: BlobId, salt: Salt) -> Frames {
        let bound = [&id.as_bytes()[..], &salt.0].concat();
        let key = hmac::sign(&self.0, &bound);
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref());
        Frames(LessSafeKey::new(key.expect("a SHA-256 has the length of the key")))
    }
}

/// Seals and opens the frames of one blob.
pub(crate) struct Frames(LessSafeKey);

impl Frames {
    /// The stored form of the `index`-th frame.
    pub(crate) fn seal(&self, index: u64, last: bool, mut plain: BytesMut) -> Bytes {
        let tag = self.0.seal_in_place_separate_tag(nonce(index, last), Aad::empty(), &mut plain);
        let tag = tag.expect("a frame is far shorter than what AES-GCM can seal");
        plain.extend_from_slice(tag.as_ref());
        plain.freeze()
    }

    /// The bytes of the `index`-th frame, if it is what was sealed as that frame of that blob.
    pub(crate) fn open(&self, index: u64, last: bool, mut sealed: BytesMut) -> Option<Bytes> {
        let plain = self.0.open_in_place(nonce(index, last), Aad::empty(), &mut sealed).ok()?.len();
        sealed.truncate(plain);
        Some(sealed.freeze())
    }
}

fn nonce(index: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[0] = u8::from(last);
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

/// How many frames a blob of this many bytes has.
pub(crate) fn frame_count(bytes: u64) -> u64 {
    bytes.div_ceil(FRAME_BYTES as u64).max(1)
}

/// The stored size of a blob of this many bytes.
pub(crate) fn sealed_bytes(bytes: u64) -> u64 {
    bytes + frame_count(bytes) * TAG_BYTES as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(master: u8, id: u8, salt: u8) -> Frames {
        BlobsKey::new(&[master; 32]).frames(BlobId::from_random([id; 16]), Salt([salt; 16]))
    }

    #[test]
    fn a_frame_opens_only_in_its_place_in_its_blob_under_its_key() {
        let sealed = frames(1, 2, 3).seal(4, false, BytesMut::from("plain"));
        assert_eq!(sealed.len(), 5 + TAG_BYTES);
        let open = |frames: Frames, index, last| frames.open(index, last, BytesMut::from(&*sealed));
        assert_eq!(open(frames(1, 2, 3), 4, false).unwrap(), "plain");
        assert_eq!(open(frames(1, 2, 3), 5, false), None);
        assert_eq!(open(frames(1, 2, 3), 4, true), None);
        assert_eq!(open(frames(9, 2, 3), 4, false), None);
        assert_eq!(open(frames(1, 9, 3), 4, false), None);
        assert_eq!(open(frames(1, 2, 9), 4, false), None);
    }

    /// What was sealed once must open for ever.
    #[test]
    fn the_stored_form_does_not_change() {
        let sealed = frames(1, 2, 3).seal(0, true, BytesMut::from("plain"));
        assert_eq!(hex::encode(sealed), "0ccc91b3fc99e508259d6825de8339f93c98ad9bf2");
    }

    #[test]
    fn even_an_empty_blob_has_a_frame() {
        assert_eq!((frame_count(0), sealed_bytes(0)), (1, 16));
        assert_eq!((frame_count(65_536), sealed_bytes(65_536)), (1, 65_552));
        assert_eq!((frame_count(65_537), sealed_bytes(65_537)), (2, 65_569));
    }
}
