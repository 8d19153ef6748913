use super::{MAX_TRAILERS, Trailers, chain::Chain};
use crate::Error;
use sha2::{Digest, Sha256};

const SIGNATURE: &str = "x-amz-trailer-signature";

/// Collects the trailer and verifies its signature.
pub(super) struct TrailerReader {
    /// The names that `x-amz-trailer` announced, lower-case.
    announced: Vec<String>,
    trailers: Trailers,
    hasher: Sha256,
    signed: bool,
}

impl TrailerReader {
    pub(super) fn new(announced: Vec<String>) -> Self {
        Self { announced, trailers: Vec::new(), hasher: Sha256::new(), signed: false }
    }

    pub(super) fn announced(&self) -> &[String] {
        &self.announced
    }

    pub(super) fn line(&mut self, line: &[u8], chain: Option<&mut Chain>) -> Result<(), Error> {
        let line = std::str::from_utf8(line).map_err(|_| Error::MalformedTrailer)?;
        let (name, value) = line.split_once(':').ok_or(Error::MalformedTrailer)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        // Nothing may follow the signature: it would not be covered.
        if self.signed || self.trailers.len() >= MAX_TRAILERS {
            return Err(Error::MalformedTrailer);
        }
        if name == SIGNATURE {
            let chain = chain.ok_or(Error::MalformedTrailer)?;
            self.signed = true;
            return chain.check_trailer(&self.hasher.clone().finalize().into(), value.as_bytes());
        }
        let repeated = self.trailers.iter().any(|(present, _)| *present == name);
        if repeated || !self.announced.contains(&name) {
            return Err(Error::MalformedTrailer);
        }
        for part in [name.as_bytes(), b":", value.as_bytes(), b"\n"] {
            self.hasher.update(part);
        }
        self.trailers.push((name, value.to_owned()));
        Ok(())
    }

    /// Whether the signature has been read and verified.
    pub(super) fn is_signed(&self) -> bool {
        self.signed
    }

    /// The trailer, if all that was announced has come.
    pub(super) fn finish(self) -> Result<Trailers, Error> {
        if self.trailers.len() == self.announced.len() {
            Ok(self.trailers)
        } else {
            Err(Error::MalformedTrailer)
        }
    }
}
