use crate::{
    Error, Presented, SigningKey,
    body::EMPTY_SHA256,
    date::AmzDate,
    key::{hex32, parse_hex32},
    scope::Scope,
};

/// The chain of signatures: each covers its chunk and the signature before it.
pub(super) struct Chain {
    key: SigningKey,
    date: AmzDate,
    scope: Scope,
    previous: [u8; 32],
}

impl Chain {
    pub(super) fn new(presented: &Presented, key: SigningKey) -> Self {
        Self {
            key,
            date: presented.date,
            scope: presented.scope.clone(),
            previous: presented.signature,
        }
    }

    pub(super) fn check_chunk(&mut self, hash: &[u8; 32], signature: &[u8]) -> Result<(), Error> {
        let mut hashes = [0; 129];
        hashes[..64].copy_from_slice(&hex32(&EMPTY_SHA256));
        hashes[64] = b'\n';
        hashes[65..].copy_from_slice(&hex32(hash));
        self.check(b"AWS4-HMAC-SHA256-PAYLOAD\n", &hashes, signature)
    }

    pub(super) fn check_trailer(&mut self, hash: &[u8; 32], signature: &[u8]) -> Result<(), Error> {
        self.check(b"AWS4-HMAC-SHA256-TRAILER\n", &hex32(hash), signature)
    }

    fn check(&mut self, kind: &[u8], hashes: &[u8], signature: &[u8]) -> Result<(), Error> {
        let signature = parse_hex32(signature).ok_or(Error::Mismatch)?;
        let parts: &[&[u8]] = &[
            kind,
            self.date.as_str().as_bytes(),
            b"\n",
            self.scope.as_str().as_bytes(),
            b"\n",
            &hex32(&self.previous),
            b"\n",
            hashes,
        ];
        if !self.key.check(parts, &signature) {
            return Err(Error::Mismatch);
        }
        self.previous = signature;
        Ok(())
    }
}
