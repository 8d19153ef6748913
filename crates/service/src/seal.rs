use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};

/// Bytes of the nonce of one sealing.
pub const NONCE_BYTES: usize = 24;
/// Bytes that sealing adds: the tag that authenticates.
pub const SEAL_BYTES: usize = 16;

/// Seals what the store may hold only encrypted, with XChaCha20-Poly1305 under a key that the store
/// does not hold. For secrets and messages; blobs have their own sealing, which can be read in parts.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer with this key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// A sealer whose key follows from the master key and is of one use only.
    #[must_use]
    pub fn derive(master_key: &[u8; 32], purpose: &[u8]) -> Self {
        let key = Sha256::new().chain_update(purpose).chain_update(master_key).finalize();
        Self::new(key.into())
    }

    /// The ciphertext of `plain`, which is authenticated together with what it is bound to. A nonce
    /// must not be used again for another text.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
        let sealed = self.0.encrypt(&nonce.into(), Payload { msg: plain, aad: bound_to });
        sealed.expect("only texts of many gigabytes are too long to be sealed")
    }

    /// The text, if this key sealed it with this nonce and bound it to the same thing.
    #[must_use]
    pub fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        bound_to: &[u8],
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        self.0.decrypt(&nonce.into(), Payload { msg: sealed, aad: bound_to }).ok()
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_only_with_its_key_and_where_it_belongs() {
        let sealer = Sealer::derive(&[1; 32], b"tests");
        let sealed = sealer.seal([7; 24], b"key AKIA1", b"secret");
        assert_eq!(sealed.len(), 6 + SEAL_BYTES);
        assert_eq!(sealer.open([7; 24], b"key AKIA1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(sealer.open([7; 24], b"key AKIA2", &sealed), None);
        assert_eq!(sealer.open([8; 24], b"key AKIA1", &sealed), None);
        assert_eq!(sealer.open([7; 24], b"key AKIA1", &sealed[1..]), None);
        assert_eq!(sealer.open([7; 24], b"key AKIA1", b""), None);
        for other in [Sealer::derive(&[2; 32], b"tests"), Sealer::derive(&[1; 32], b"others")] {
            assert_eq!(other.open([7; 24], b"key AKIA1", &sealed), None);
        }
    }
}
