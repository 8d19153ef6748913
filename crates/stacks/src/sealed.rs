//! Transactions in which records and templates are sealed: parameters, properties and templates
//! hold secrets, and nobody who reads the store shall read them.
//!
//! A sealed value is [`MARK`], nonce and ciphertext, bound to its key. A value without the mark was
//! written before there was one, and is sealed when it is written again.

use crate::Stacks;
use hmac::{Hmac, KeyInit, Mac};
use kv::{Entry, Error, Key, Record, Transaction, decode_record, encode_record};
use service::{NONCE_BYTES, Sealer};
use sha2::Sha256;
use std::ops::{Deref, DerefMut};

/// Neither the version of a record nor the beginning of a text.
const MARK: u8 = 0xff;

/// Seals and opens values.
///
/// The nonce follows from the value and its place: a transaction that runs again writes the same
/// bytes, and no two values share a nonce.
pub(crate) struct Vault {
    sealer: Sealer,
    nonces: Hmac<Sha256>,
    tokens: Hmac<Sha256>,
}

impl Vault {
    /// A vault whose keys follow from the master key and are of this use only.
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        let derived = |purpose: &[u8]| {
            let mut key = hmac(master_key);
            key.update(purpose);
            let key: [u8; 32] = key.finalize().into_bytes().into();
            hmac(&key)
        };
        Self {
            sealer: Sealer::derive(master_key, b"pileus stacks 1"),
            nonces: derived(b"pileus stacks nonces 1"),
            tokens: derived(b"pileus stacks tokens 1"),
        }
    }

    /// What only somebody who was given it can present for `text`: lower-case hexadecimal.
    pub(crate) fn token(&self, text: &str) -> String {
        let mut mac = self.tokens.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether `token` is that of `text`; takes as long for every wrong one.
    pub(crate) fn vouches(&self, text: &str, token: &str) -> bool {
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = token.as_bytes().chunks(2).map(byte).collect();
        let mut mac = self.tokens.clone();
        mac.update(text.as_bytes());
        bytes.is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
    }

    fn seal(&self, bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonces = self.nonces.clone();
        nonces.update(&(bound_to.len() as u64).to_be_bytes());
        nonces.update(bound_to);
        nonces.update(plain);
        let mac: [u8; 32] = nonces.finalize().into_bytes().into();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac[..NONCE_BYTES]);
        [&[MARK][..], &nonce, &self.sealer.seal(nonce, bound_to, plain)].concat()
    }

    fn open(&self, bound_to: &[u8], value: &[u8]) -> Result<Vec<u8>, Error> {
        let Some((&MARK, sealed)) = value.split_first() else { return Ok(value.to_vec()) };
        let opened = sealed
            .split_first_chunk()
            .and_then(|(nonce, sealed)| self.sealer.open(*nonce, bound_to, sealed));
        let foreign = "a stack's record was sealed under another master key, or for another place";
        opened.ok_or_else(|| Error::Corrupt(foreign.to_owned()))
    }
}

fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// A transaction whose records and texts are sealed. Other values are as they are.
pub(crate) struct Sealed<'a> {
    tx: &'a mut Transaction,
    vault: &'a Vault,
}

impl Stacks {
    /// The transaction with sealed values.
    pub(crate) fn open<'a>(&'a self, tx: &'a mut Transaction) -> Sealed<'a> {
        Sealed { tx, vault: &self.vault }
    }
}

impl Sealed<'_> {
    pub(crate) fn put_record<T: Record>(&mut self, key: Key, record: &T) -> Result<(), Error> {
        let value = self.seal(&key, &encode_record(record));
        self.tx.put(key, value)
    }

    /// Appends a record under a versionstamp, bound to the prefix.
    pub(crate) fn append_record<T: Record>(
        &mut self,
        prefix: Key,
        record: &T,
    ) -> Result<(), Error> {
        let value = self.seal(&prefix, &encode_record(record));
        self.tx.put_versionstamped(prefix, &[], value)
    }

    pub(crate) async fn get_record<T: Record>(&mut self, key: &Key) -> Result<Option<T>, Error> {
        let value = self.tx.get(key).await?;
        value.map(|value| self.read(key, &value)).transpose()
    }

    pub(crate) async fn get_record_snapshot<T: Record>(
        &mut self,
        key: &Key,
    ) -> Result<Option<T>, Error> {
        let value = self.tx.get_snapshot(key).await?;
        value.map(|value| self.read(key, &value)).transpose()
    }

    /// The record that a scan has found.
    pub(crate) fn decode<T: Record>(&self, entry: &Entry) -> Result<T, Error> {
        self.read(&entry.key, &entry.value)
    }

    /// The record that a scan has found and that was appended to `prefix`.
    pub(crate) fn decode_appended<T: Record>(
        &self,
        prefix: &Key,
        entry: &Entry,
    ) -> Result<T, Error> {
        self.read(prefix, &entry.value)
    }

    pub(crate) fn put_text(&mut self, key: Key, text: &str) -> Result<(), Error> {
        let value = self.seal(&key, text.as_bytes());
        self.tx.put(key, value)
    }

    pub(crate) async fn get_text(&mut self, key: &Key) -> Result<Option<String>, Error> {
        let Some(value) = self.tx.get_snapshot(key).await? else { return Ok(None) };
        let text = String::from_utf8(self.vault.open(key, &value)?);
        text.map(Some).map_err(|error| Error::Corrupt(format!("a template: {error}")))
    }

    fn read<T: Record>(&self, bound_to: &[u8], value: &[u8]) -> Result<T, Error> {
        decode_record(&self.vault.open(bound_to, value)?)
    }

    fn seal(&self, bound_to: &[u8], plain: &[u8]) -> kv::Value {
        self.vault.seal(bound_to, plain).into()
    }
}

impl Deref for Sealed<'_> {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        self.tx
    }
}

impl DerefMut for Sealed<'_> {
    fn deref_mut(&mut self) -> &mut Transaction {
        self.tx
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_only_with_its_key_and_at_its_place() {
        let vault = Vault::new(&[1; 32]);
        let sealed = vault.seal(b"here", b"hunter2");
        assert!(!sealed.windows(7).any(|bytes| bytes == b"hunter2"));
        assert_eq!(vault.open(b"here", &sealed).unwrap(), b"hunter2");
        assert!(vault.open(b"there", &sealed).is_err());
        assert!(vault.open(b"here", &sealed[..9]).is_err());
        assert!(Vault::new(&[2; 32]).open(b"here", &sealed).is_err());
        // What was written before there was a seal.
        assert_eq!(vault.open(b"here", b"\x01{}").unwrap(), b"\x01{}");
    }

    #[test]
    fn a_token_is_good_for_its_text_and_nothing_else() {
        let vault = Vault::new(&[1; 32]);
        let token = vault.token("one");
        assert_eq!(token.len(), 64);
        assert!(vault.vouches("one", &token));
        assert!(!vault.vouches("two", &token));
        assert!(!Vault::new(&[2; 32]).vouches("one", &token));
        for wrong in ["", "0", "zz", "é", &token[1..], &token[..62], &format!("{token}00")] {
            assert!(!vault.vouches("one", wrong), "{wrong}");
        }
    }

    #[test]
    fn the_same_value_at_the_same_place_is_the_same_and_nothing_else_shares_its_nonce() {
        let vault = Vault::new(&[1; 32]);
        let nonce = |place: &[u8], plain: &[u8]| vault.seal(place, plain)[..25].to_vec();
        assert_eq!(vault.seal(b"here", b"one"), vault.seal(b"here", b"one"));
        assert_ne!(nonce(b"here", b"one"), nonce(b"here", b"two"));
        assert_ne!(nonce(b"here", b"one"), nonce(b"hereo", b"ne"));
    }
}
