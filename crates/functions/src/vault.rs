//! Environments at rest: sealed under a key that follows from the master key, which is
//! kept outside of the store. The function's ARN is authenticated with them, so that the
//! environment of one function cannot be put into the record of another.

use crate::Error;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use service::{NONCE_BYTES, Sealer};
use std::collections::BTreeMap;
use types::{Arn, Secret};

/// Names and values.
pub(crate) type Environment = BTreeMap<String, Secret>;

/// An encrypted environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// 24 random bytes in base64.
    nonce: String,
    /// The ciphertext with its tag, in base64.
    data: String,
}

/// What seals and opens.
pub(crate) struct Vault(Sealer);

/// Makes the key one of this use only.
const PURPOSE: &[u8] = b"pileus functions environment 1";

impl Vault {
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        Self(Sealer::derive(master_key, PURPOSE))
    }

    /// Seals an environment with a nonce that is used once.
    pub(crate) fn seal(
        &self,
        environment: &Environment,
        function: &Arn,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Sealed, Error> {
        let plain: BTreeMap<&str, &str> =
            environment.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        let plain = serde_json::to_vec(&plain).map_err(|error| corrupt(&error))?;
        let data = self.0.seal(nonce, function.as_str().as_bytes(), &plain);
        Ok(Sealed { nonce: STANDARD.encode(nonce), data: STANDARD.encode(data) })
    }

    /// Opens an environment.
    pub(crate) fn open(&self, sealed: &Sealed, function: &Arn) -> Result<Environment, Error> {
        let nonce = STANDARD.decode(&sealed.nonce).map_err(|error| corrupt(&error))?;
        let nonce: [u8; NONCE_BYTES] =
            nonce.try_into().map_err(|_| corrupt(&"a nonce of another length"))?;
        let data = STANDARD.decode(&sealed.data).map_err(|error| corrupt(&error))?;
        let plain = self.0.open(nonce, function.as_str().as_bytes(), &data).ok_or_else(|| {
            corrupt(&"it was sealed under another master key, or for another function")
        })?;
        let plain: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|error| corrupt(&error))?;
        Ok(plain.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }
}

fn corrupt(error: &dyn std::fmt::Display) -> Error {
    kv::Error::Corrupt(format!("a function's environment cannot be read: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(name: &str) -> Arn {
        format!("arn:aws:lambda:eu-1:000000000000:function:{name}").parse().unwrap()
    }

    #[test]
    fn what_was_sealed_is_opened_for_its_function_and_key_only() {
        let vault = Vault::new(&[1; 32]);
        let environment = Environment::from([("A".to_owned(), Secret::new("hunter2"))]);
        let sealed = vault.seal(&environment, &arn("f"), [9; 24]).unwrap();
        assert!(!serde_json::to_string(&sealed).unwrap().contains("hunter2"));
        assert_eq!(vault.open(&sealed, &arn("f")).unwrap(), environment);
        assert!(vault.open(&sealed, &arn("g")).is_err());
        assert!(Vault::new(&[2; 32]).open(&sealed, &arn("f")).is_err());
    }
}
