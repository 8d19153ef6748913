//! Environments and events at rest: sealed under keys that follow from the master key, which is
//! kept outside of the store. What they belong to, a function's ARN or an event's id, is authenticated
//! with them, so that the environment of one function cannot be put into the record of another.

use crate::Error;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use service::{NONCE_BYTES, Sealer};
use std::collections::BTreeMap;
use types::{Arn, RequestId, Secret};

/// Names and values.
pub(crate) type Environment = BTreeMap<String, Secret>;

/// An encrypted environment or event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// 24 random bytes in base64.
    nonce: String,
    /// The ciphertext with its tag, in base64.
    data: String,
}

/// What seals and opens.
pub(crate) struct Vault {
    environments: Sealer,
    events: Sealer,
}

/// Make each key one of its use only.
const ENVIRONMENTS: &[u8] = b"pileus functions environment 1";
const EVENTS: &[u8] = b"pileus functions events 1";

impl Vault {
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        let derive = |purpose| Sealer::derive(master_key, purpose);
        Self { environments: derive(ENVIRONMENTS), events: derive(EVENTS) }
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
        Ok(Sealed::new(&self.environments, nonce, function.as_str().as_bytes(), &plain))
    }

    /// Opens an environment.
    pub(crate) fn open(&self, sealed: &Sealed, function: &Arn) -> Result<Environment, Error> {
        let plain = sealed.open(&self.environments, function.as_str().as_bytes())?;
        let plain: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|error| corrupt(&error))?;
        Ok(plain.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }

    /// Seals the payload of an event with a nonce that is used once.
    pub(crate) fn seal_event(
        &self,
        payload: &str,
        id: &RequestId,
        nonce: [u8; NONCE_BYTES],
    ) -> Sealed {
        Sealed::new(&self.events, nonce, id.as_bytes(), payload.as_bytes())
    }

    /// Opens the payload of an event.
    pub(crate) fn open_event(&self, sealed: &Sealed, id: &RequestId) -> Result<String, Error> {
        let plain = sealed.open(&self.events, id.as_bytes())?;
        String::from_utf8(plain).map_err(|error| corrupt(&error))
    }
}

impl Sealed {
    fn new(sealer: &Sealer, nonce: [u8; NONCE_BYTES], bound_to: &[u8], plain: &[u8]) -> Self {
        let data = sealer.seal(nonce, bound_to, plain);
        Self { nonce: STANDARD.encode(nonce), data: STANDARD.encode(data) }
    }

    fn open(&self, sealer: &Sealer, bound_to: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = STANDARD.decode(&self.nonce).map_err(|error| corrupt(&error))?;
        let nonce: [u8; NONCE_BYTES] =
            nonce.try_into().map_err(|_| corrupt(&"a nonce of another length"))?;
        let data = STANDARD.decode(&self.data).map_err(|error| corrupt(&error))?;
        let foreign = "it was sealed under another master key, or for another place";
        sealer.open(nonce, bound_to, &data).ok_or_else(|| corrupt(&foreign))
    }
}

fn corrupt(error: &dyn std::fmt::Display) -> Error {
    kv::Error::Corrupt(format!("what was sealed for a function cannot be read: {error}")).into()
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
        let ids = [1, 2].map(|byte| RequestId::from_random([byte; 16]));
        let sealed = vault.seal_event("hunter2", &ids[0], [9; 24]);
        assert_eq!(vault.open_event(&sealed, &ids[0]).unwrap(), "hunter2");
        assert!(vault.open_event(&sealed, &ids[1]).is_err());
        assert!(Vault::new(&[2; 32]).open_event(&sealed, &ids[0]).is_err());
    }
}
