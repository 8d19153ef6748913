use crate::{
    Error,
    key::{hex32, parse_hex32},
    streaming::decoded_length,
};
use http::{header::CONTENT_LENGTH, request::Parts};
use sha2::{Digest, Sha256};

/// What the signature says about the body: the last line of the canonical request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyHash {
    /// The SHA-256 of the whole body.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`: the body is not covered.
    Unsigned,
    /// The body arrives in `aws-chunked` form, decoded by [`crate::ChunkDecoder`].
    Streaming(Streaming),
}

/// The forms of an `aws-chunked` body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Streaming {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: every chunk is signed.
    Signed,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: every chunk and the trailer are signed.
    SignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks and a trailer without signatures.
    UnsignedTrailer,
}

impl Streaming {
    const ALL: [Self; 3] = [Self::Signed, Self::SignedTrailer, Self::UnsignedTrailer];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

impl BodyHash {
    /// The hash of an empty body.
    pub const EMPTY: Self = Self::Sha256(EMPTY_SHA256);

    /// The hash of a body that is in memory.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        if body.is_empty() { Self::EMPTY } else { Self::Sha256(Sha256::digest(body).into()) }
    }

    /// Reads a value of `x-amz-content-sha256`.
    ///
    /// # Errors
    /// [`Error::InvalidContentSha256`] if it is neither a hash nor one of the fixed words.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        if let Some(hash) = parse_hex32(text) {
            return Ok(Self::Sha256(hash));
        }
        if text == UNSIGNED.as_bytes() {
            return Ok(Self::Unsigned);
        }
        Streaming::ALL
            .into_iter()
            .find(|kind| kind.as_str().as_bytes() == text)
            .map(Self::Streaming)
            .ok_or(Error::InvalidContentSha256)
    }

    /// Checks a body whose hash was taken while it was read against what was signed. Bodies that
    /// are unsigned pass; those of [`Streaming`] are checked by their decoder.
    ///
    /// # Errors
    /// [`Error::ContentSha256Mismatch`].
    pub fn check(&self, computed: &[u8; 32]) -> Result<(), Error> {
        match self {
            Self::Sha256(signed) if signed != computed => Err(Error::ContentSha256Mismatch),
            _ => Ok(()),
        }
    }

    /// The bytes of data that a request with such a body announces, without the frame of chunks.
    #[must_use]
    pub fn announced_length(&self, parts: &Parts) -> Option<u64> {
        match self {
            Self::Streaming(_) => decoded_length(parts),
            _ => parts.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok(),
        }
    }

    /// The text in the canonical request and in `x-amz-content-sha256`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Sha256(hash) => out.extend_from_slice(&hex32(hash)),
            Self::Unsigned => out.extend_from_slice(UNSIGNED.as_bytes()),
            Self::Streaming(kind) => out.extend_from_slice(kind.as_str().as_bytes()),
        }
    }
}

pub(crate) const EMPTY_SHA256: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_hash_is_the_hash_of_nothing() {
        assert_eq!(<[u8; 32]>::from(Sha256::digest(b"")), EMPTY_SHA256);
        assert_eq!(BodyHash::of(b""), BodyHash::EMPTY);
    }

    #[test]
    fn every_form_reads_back() {
        for hash in [
            BodyHash::of(b"x"),
            BodyHash::Unsigned,
            BodyHash::Streaming(Streaming::Signed),
            BodyHash::Streaming(Streaming::SignedTrailer),
            BodyHash::Streaming(Streaming::UnsignedTrailer),
        ] {
            let mut text = Vec::new();
            hash.write(&mut text);
            assert_eq!(BodyHash::parse(&text), Ok(hash));
        }
        assert_eq!(BodyHash::parse(b"nonsense"), Err(Error::InvalidContentSha256));
    }

    #[test]
    fn another_body_does_not_pass_the_check() {
        let [good, bad] = [b"a", b"b"].map(|body| Sha256::digest(body).into());
        assert_eq!(BodyHash::of(b"a").check(&good), Ok(()));
        assert_eq!(BodyHash::of(b"a").check(&bad), Err(Error::ContentSha256Mismatch));
        assert_eq!(BodyHash::Unsigned.check(&bad), Ok(()));
    }
}
