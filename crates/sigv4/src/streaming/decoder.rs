use super::{MAX_LINE_BYTES, MIN_CHUNK_BYTES, Trailers, chain::Chain, trailer::TrailerReader};
use crate::{Error, Presented, SigningKey, Streaming};
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use sha2::{Digest, Sha256};

/// Decodes an `aws-chunked` body piece by piece and verifies each chunk.
///
/// Feed it the body with [`ChunkDecoder::push`] and end with [`ChunkDecoder::finish`]: only then is
/// the body complete and its signatures good. Whatever came out before must be undone if an error
/// follows.
pub struct ChunkDecoder {
    /// Present in the signed forms.
    chain: Option<Chain>,
    trailer: Option<TrailerReader>,
    state: State,
    line: Vec<u8>,
    /// Decoded bytes on their way out.
    ready: BytesMut,
    /// Of the chunk that is being read.
    hasher: Sha256,
    signature: Vec<u8>,
    /// Bytes that `x-amz-decoded-content-length` still promises.
    outstanding: u64,
    last_size: Option<u64>,
}

enum State {
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    Done,
}

impl ChunkDecoder {
    /// A decoder for the body of a request that has been verified with
    /// [`crate::BodyHash::Streaming`] of this kind, under the same key.
    ///
    /// # Errors
    /// [`Error::MissingDecodedLength`] without a readable `x-amz-decoded-content-length`.
    pub fn new(
        kind: Streaming,
        presented: &Presented,
        key: SigningKey,
        parts: &Parts,
    ) -> Result<Self, Error> {
        let signed = matches!(kind, Streaming::Signed | Streaming::SignedTrailer);
        let chain = signed.then(|| Chain::new(presented, key));
        Self::with_chain(chain, kind != Streaming::Signed, parts)
    }

    /// A decoder for a body whose chunks nobody signed, [`Streaming::UnsignedTrailer`].
    ///
    /// # Errors
    /// As [`ChunkDecoder::new`].
    pub fn unsigned(parts: &Parts) -> Result<Self, Error> {
        Self::with_chain(None, true, parts)
    }

    fn with_chain(chain: Option<Chain>, trailing: bool, parts: &Parts) -> Result<Self, Error> {
        Ok(Self {
            chain,
            trailer: trailing.then(|| TrailerReader::new(announced(parts))),
            state: State::Size,
            line: Vec::new(),
            ready: BytesMut::new(),
            hasher: Sha256::new(),
            signature: Vec::new(),
            outstanding: decoded_length(parts).ok_or(Error::MissingDecodedLength)?,
            last_size: None,
        })
    }

    /// The names of the trailer's headers, lower-case, as `x-amz-trailer` announced them.
    #[must_use]
    pub fn announced(&self) -> &[String] {
        self.trailer.as_ref().map_or(&[], TrailerReader::announced)
    }

    /// Takes the next piece of the body and gives back the bytes of data in it.
    ///
    /// # Errors
    /// A wrong signature or broken framing; the decoder must not be used any further.
    pub fn push(&mut self, mut input: &[u8]) -> Result<Bytes, Error> {
        while !input.is_empty() {
            match self.state {
                State::Data(left) => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    self.take_data(&input[..taken]);
                    input = &input[taken..];
                    if taken as u64 == left {
                        self.end_chunk()?;
                        self.state = State::DataEnd;
                    } else {
                        self.state = State::Data(left - taken as u64);
                    }
                }
                State::Done => return Err(Error::MalformedChunk),
                State::Size | State::DataEnd | State::Trailer => {
                    input = self.take_line(input)?;
                }
            }
        }
        Ok(self.ready.split().freeze())
    }

    /// Ends the body.
    ///
    /// # Errors
    /// [`Error::IncompleteBody`] if the last chunk has not come, [`Error::MalformedTrailer`] if an
    /// announced trailer has not.
    pub fn finish(self) -> Result<Trailers, Error> {
        match (self.state, self.trailer) {
            (State::Done, Some(trailer)) => trailer.finish(),
            (State::Done, None) => Ok(Trailers::new()),
            _ => Err(Error::IncompleteBody),
        }
    }

    fn take_data(&mut self, data: &[u8]) {
        self.ready.extend_from_slice(data);
        if self.chain.is_some() {
            self.hasher.update(data);
        }
    }

    fn end_chunk(&mut self) -> Result<(), Error> {
        if let Some(chain) = &mut self.chain {
            let hash = self.hasher.finalize_reset();
            chain.check_chunk(&hash.into(), &self.signature)?;
        }
        Ok(())
    }

    /// Collects bytes up to a line feed; acts on the line once it is whole.
    fn take_line<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], Error> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(input.len(), |end| end + 1);
        if self.line.len() + taken > MAX_LINE_BYTES {
            return Err(Error::MalformedChunk);
        }
        self.line.extend_from_slice(&input[..taken]);
        if end.is_some() {
            let mut line = std::mem::take(&mut self.line);
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            self.act_on_line(text.strip_suffix(b"\r").unwrap_or(text))?;
            line.clear();
            self.line = line;
        }
        Ok(&input[taken..])
    }

    fn act_on_line(&mut self, line: &[u8]) -> Result<(), Error> {
        match self.state {
            State::Size => self.start_chunk(line),
            State::DataEnd if line.is_empty() => {
                self.state = State::Size;
                Ok(())
            }
            State::Trailer => self.trailer_line(line),
            State::DataEnd | State::Data(_) | State::Done => Err(Error::MalformedChunk),
        }
    }

    fn start_chunk(&mut self, line: &[u8]) -> Result<(), Error> {
        let (size, signature) = split_size(line).ok_or(Error::MalformedChunk)?;
        self.signature.clear();
        self.signature.extend_from_slice(signature);
        if size == 0 {
            return self.start_trailer();
        }
        if self.last_size.is_some_and(|last| last < MIN_CHUNK_BYTES) {
            return Err(Error::ChunkTooSmall);
        }
        self.outstanding = self.outstanding.checked_sub(size).ok_or(Error::IncompleteBody)?;
        self.last_size = Some(size);
        self.state = State::Data(size);
        Ok(())
    }

    /// The empty chunk: all data has come.
    fn start_trailer(&mut self) -> Result<(), Error> {
        if self.outstanding > 0 {
            return Err(Error::IncompleteBody);
        }
        self.end_chunk()?;
        self.state = State::Trailer;
        Ok(())
    }

    fn trailer_line(&mut self, line: &[u8]) -> Result<(), Error> {
        if !line.is_empty() {
            let trailer = self.trailer.as_mut().ok_or(Error::MalformedChunk)?;
            return trailer.line(line, self.chain.as_mut());
        }
        // Some clients put an empty line before the signature: only the one behind it is the end.
        let waits = self.chain.is_some() && self.trailer.as_ref().is_some_and(|t| !t.is_signed());
        if !waits {
            self.state = State::Done;
        }
        Ok(())
    }
}

/// `10000;chunk-signature=...`: the size and the signature, which is empty if there is none.
fn split_size(line: &[u8]) -> Option<(u64, &[u8])> {
    let text = std::str::from_utf8(line).ok()?;
    let (size, extension) = text.split_once(';').unwrap_or((text, ""));
    if size.is_empty() || size.len() > 16 || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let signature = extension.strip_prefix("chunk-signature=").unwrap_or_default();
    Some((u64::from_str_radix(size, 16).ok()?, signature.as_bytes()))
}

/// The bytes of data that a request in this encoding announces.
pub(crate) fn decoded_length(parts: &Parts) -> Option<u64> {
    let text = parts.headers.get("x-amz-decoded-content-length")?.to_str().ok()?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn announced(parts: &Parts) -> Vec<String> {
    let values = parts.headers.get_all("x-amz-trailer").iter().filter_map(|v| v.to_str().ok());
    let names = values.flat_map(|value| value.split(','));
    names.map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()).collect()
}
