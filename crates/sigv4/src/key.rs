use crate::scope::TERMINATOR;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use types::Secret;

/// A key derived from a secret for one day, region and service. Deriving costs four HMACs: keep it.
///
/// It holds the keyed state, so that each use saves two more compressions.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Derives the key. `day` is `YYYYMMDD`, as [`crate::Presented::date`] gives it.
    #[must_use]
    pub fn derive(secret: &Secret, day: &str, region: &str, service: &str) -> Self {
        let mut first = Vec::with_capacity(4 + secret.expose().len());
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.expose().as_bytes());
        let mut key = keyed(&first);
        for part in [day, region, service, TERMINATOR] {
            key.update(part.as_bytes());
            key = keyed(&key.finalize().into_bytes());
        }
        Self(key)
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }

    /// The signature of the concatenated parts.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub(crate) fn check(&self, parts: &[&[u8]], signature: &[u8; 32]) -> bool {
        self.over(parts).verify_slice(signature).is_ok()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[signing key]")
    }
}

/// 64 lower-case hexadecimal digits.
pub(crate) fn hex32(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    hex::encode_to_slice(bytes, &mut text).expect("64 digits hold 32 bytes");
    text
}

/// Reads 64 lower-case hexadecimal digits; AWS takes no upper case here.
pub(crate) fn parse_hex32(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_never_prints_itself() {
        let key = SigningKey::derive(&Secret::new("s"), "20130524", "us-east-1", "s3");
        assert_eq!(format!("{key:?}"), "[signing key]");
    }

    #[test]
    fn a_signature_is_64_lower_case_digits() {
        assert!(parse_hex32(&[b'a'; 64]).is_some());
        assert!(parse_hex32(&[b'A'; 64]).is_none());
        assert!(parse_hex32(&[b'a'; 63]).is_none());
        assert!(parse_hex32(&[b'g'; 64]).is_none());
    }
}
