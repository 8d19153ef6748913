//! Encryption of what the store and session tokens hold, under a key that neither of them holds.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};

const NONCE_BYTES: usize = 24;

/// The key that everything secret is encrypted under (XChaCha20-Poly1305). It is kept outside of the
/// store; without it no access key and no session of this installation can be verified.
#[derive(Clone)]
pub struct MasterKey(XChaCha20Poly1305);

impl MasterKey {
    /// A master key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&bytes.into()))
    }

    /// Nonce and ciphertext. `bound_to` says what the secret belongs to; it opens only there.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        bound_to: &str,
        plain: &[u8],
    ) -> Option<Vec<u8>> {
        let payload = Payload { msg: plain, aad: bound_to.as_bytes() };
        let sealed = self.0.encrypt(&nonce.into(), payload).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// The plaintext, if it was sealed under this key and bound to the same thing.
    pub(crate) fn open(&self, bound_to: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: bound_to.as_bytes() };
        self.0.decrypt(&(*nonce).into(), payload).ok()
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_and_where_it_belongs() {
        let key = MasterKey::new([1; 32]);
        let sealed = key.seal([7; 24], "key AKIA1", b"secret").unwrap();
        assert_eq!(key.open("key AKIA1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.open("key AKIA2", &sealed), None);
        assert_eq!(MasterKey::new([2; 32]).open("key AKIA1", &sealed), None);
        assert_eq!(key.open("key AKIA1", &sealed[1..]), None);
        assert_eq!(key.open("key AKIA1", &[0; 8]), None);
    }
}
