//! Bodies that are checked while they come: against a hash, or chunk by chunk.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::request::Parts;
use service::{BodyStream, Fault, Trailers, Trailing};
use sha2::{Digest, Sha256};
use sigv4::{BodyHash, ChunkDecoder, Dialect, Presented, SigningKey, Streaming};
use std::sync::Arc;

/// The body of a request whose signer is verified.
#[derive(Default)]
pub(crate) struct Received {
    /// What is in memory.
    pub(crate) bytes: Bytes,
    /// The headers that followed it.
    pub(crate) trailers: Trailers,
    /// What is yet to come.
    pub(crate) stream: Option<BodyStream>,
}

/// How a body is checked.
pub(crate) enum Check {
    /// Nobody vouches for it.
    None,
    /// Its hash was signed.
    Sha256(BodyHash),
    /// Its chunks were signed, or at least framed.
    Chunks(Box<ChunkDecoder>),
}

impl Check {
    /// The check of a body that was declared as `body`. `signed` is by whom.
    ///
    /// # Errors
    /// A signed form without a signature, or chunks that do not say how much data they carry.
    pub(crate) fn new(
        body: &BodyHash,
        signed: Option<(&Presented, &SigningKey)>,
        parts: &Parts,
    ) -> Result<Self, Fault> {
        let decoder = match (body, signed) {
            (BodyHash::Unsigned, _) => return Ok(Self::None),
            (BodyHash::Sha256(_), _) => return Ok(Self::Sha256(*body)),
            (BodyHash::Streaming(kind), Some((presented, key))) => {
                ChunkDecoder::new(*kind, presented, key.clone(), parts)
            }
            (BodyHash::Streaming(Streaming::UnsignedTrailer), None) => {
                ChunkDecoder::unsigned(parts)
            }
            (BodyHash::Streaming(_), None) => Err(sigv4::Error::MissingSignature),
        };
        Ok(Self::Chunks(Box::new(decoder.map_err(|error| fault(&error))?)))
    }

    /// A body that is in memory, checked and without its frame, and what followed it.
    pub(crate) fn whole(self, body: Bytes) -> Result<(Bytes, Trailers), Fault> {
        match self {
            Self::None => Ok((body, Trailers::new())),
            Self::Sha256(signed) => {
                signed.check(&Sha256::digest(&body).into()).map_err(|error| fault(&error))?;
                Ok((body, Trailers::new()))
            }
            Self::Chunks(mut decoder) => {
                let data = decoder.push(&body).map_err(|error| fault(&error))?;
                let trailers = decoder.finish().map_err(|error| fault(&error))?;
                Ok((data, trailers))
            }
        }
    }

    /// A body that ends in an error unless it passes the check.
    pub(crate) fn stream(self, body: BodyStream, length: u64) -> BodyStream {
        let announced = match &self {
            Self::Chunks(decoder) => decoder.announced().to_vec(),
            _ => Vec::new(),
        };
        let trailing = Arc::new(Trailing::new(announced));
        let checked = match self {
            Self::None => plain(body, length, BodyHash::Unsigned).boxed(),
            Self::Sha256(signed) => plain(body, length, signed).boxed(),
            // The decoder counts by itself.
            Self::Chunks(decoder) => decoded(body, decoder, trailing.clone()).boxed(),
        };
        BodyStream::new(checked, Some(length)).with_trailing(trailing)
    }
}

type Piece = Result<Bytes, Fault>;

/// Ends in an error if more or fewer bytes come than were announced, or others than were signed.
fn plain(
    body: BodyStream,
    length: u64,
    signed: BodyHash,
) -> impl Stream<Item = Piece> + Send + 'static {
    let hasher = matches!(signed, BodyHash::Sha256(_)).then(Sha256::new);
    stream::try_unfold((body, length, hasher), move |state| async move {
        let (mut body, left, mut hasher) = state;
        let incomplete = || fault(&sigv4::Error::IncompleteBody);
        let Some(piece) = body.next().await.transpose()? else {
            if left > 0 {
                return Err(incomplete());
            }
            if let Some(hasher) = hasher {
                signed.check(&hasher.finalize().into()).map_err(|error| fault(&error))?;
            }
            return Ok(None);
        };
        let left = left.checked_sub(piece.len() as u64).ok_or_else(incomplete)?;
        if let Some(hasher) = &mut hasher {
            hasher.update(&piece);
        }
        Ok(Some((piece, (body, left, hasher))))
    })
}

/// The data of chunks; their trailer goes to `trailing`.
fn decoded(
    body: BodyStream,
    decoder: Box<ChunkDecoder>,
    trailing: Arc<Trailing>,
) -> impl Stream<Item = Piece> + Send {
    stream::try_unfold((body, decoder, trailing), |state| async move {
        let (mut body, mut decoder, trailing) = state;
        loop {
            match body.next().await.transpose()? {
                Some(piece) => {
                    let data = decoder.push(&piece).map_err(|error| fault(&error))?;
                    // A piece may be all frame.
                    if !data.is_empty() {
                        return Ok(Some((data, (body, decoder, trailing))));
                    }
                }
                None => {
                    trailing.fill(decoder.finish().map_err(|error| fault(&error))?);
                    return Ok(None);
                }
            }
        }
    })
}

/// Only S3 has bodies that are checked in this way.
fn fault(error: &sigv4::Error) -> Fault {
    crate::authenticate::fault(error, Dialect::S3)
}
