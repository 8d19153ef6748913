//! Secret values at rest.

use super::Version;
use crate::keys::Place;
use base64::{Engine, engine::general_purpose::STANDARD};
use kv::Error;
use serde::{Deserialize, Serialize};
use service::{NONCE_BYTES, Sealer};
use types::Secret;

/// A value as it lies in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Stored {
    /// As it was given.
    Plain(String),
    /// Nonce and ciphertext in base64.
    Sealed(String),
}

/// What seals and opens values.
#[derive(Debug, Clone)]
pub(crate) struct Vault(Sealer);

/// Makes the key one of this use only.
const PURPOSE: &[u8] = b"pileus secrets parameters 1";

/// What a value belongs to: it opens only there.
fn bound_to(place: &Place, name: &str, number: u64) -> String {
    format!("{} {} {name} {number}", place.account, place.region)
}

impl Vault {
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        Self(Sealer::derive(master_key, PURPOSE))
    }

    /// Seals the value of a version with a nonce that is used once.
    pub(crate) fn seal(
        &self,
        place: &Place,
        (name, number): (&str, u64),
        value: &str,
        nonce: [u8; NONCE_BYTES],
    ) -> Stored {
        let bound = bound_to(place, name, number);
        let sealed = self.0.seal(nonce, bound.as_bytes(), value.as_bytes());
        Stored::Sealed(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// The value of a version.
    pub(crate) fn open(
        &self,
        place: &Place,
        name: &str,
        version: &Version,
    ) -> Result<Secret, Error> {
        let sealed = match &version.value {
            Stored::Plain(value) => return Ok(Secret::new(value.clone())),
            Stored::Sealed(sealed) => sealed,
        };
        let open = || {
            let bytes = STANDARD.decode(sealed).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk()?;
            let bound = bound_to(place, name, version.number);
            String::from_utf8(self.0.open(*nonce, bound.as_bytes(), sealed)?).ok()
        };
        let corrupt = || Error::Corrupt(format!("the secret value of {name} cannot be opened"));
        open().map(Secret::new).ok_or_else(corrupt)
    }
}
