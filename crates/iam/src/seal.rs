//! Encryption of what the store and session tokens hold, under a key that neither of them holds.

use service::{NONCE_BYTES, Sealer};

/// The key that everything secret is encrypted under. It is kept outside of the store; without it no
/// access key and no session of this installation can be verified.
#[derive(Debug, Clone)]
pub struct MasterKey(Sealer);

impl MasterKey {
    /// A master key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Sealer::new(bytes))
    }

    /// Nonce and ciphertext. `bound_to` says what the secret belongs to; it opens only there.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_BYTES], bound_to: &str, plain: &[u8]) -> Vec<u8> {
        [&nonce[..], &self.0.seal(nonce, bound_to.as_bytes(), plain)].concat()
    }

    /// The plaintext, if it was sealed under this key and bound to the same thing.
    pub(crate) fn open(&self, bound_to: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk()?;
        self.0.open(*nonce, bound_to.as_bytes(), sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_and_where_it_belongs() {
        let key = MasterKey::new([1; 32]);
        let sealed = key.seal([7; 24], "key AKIA1", b"secret");
        assert_eq!(key.open("key AKIA1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.open("key AKIA2", &sealed), None);
        assert_eq!(MasterKey::new([2; 32]).open("key AKIA1", &sealed), None);
        assert_eq!(key.open("key AKIA1", &[0; 8]), None);
    }
}
