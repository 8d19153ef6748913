use crate::Error;
use blob::BlobId;
use bytes::Bytes;
use futures_util::{future::BoxFuture, stream::BoxStream};
use kv::Entry;
use serde::{Deserialize, Serialize};
use service::records::Referred;
use sha2::{Digest, Sha256};

/// What is known of a source before its first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the store that it shows.
    pub version: u64,
    /// Tells one master key from another, and nothing of the key itself.
    pub key_check: String,
}

/// The [`Head::key_check`] of a master key.
#[must_use]
pub fn key_check(master_key: &[u8; 32]) -> String {
    let hash = Sha256::new().chain_update(b"pileus key check 1").chain_update(master_key);
    hex::encode(&hash.finalize()[..8])
}

/// Some entries, in the order of their keys.
#[derive(Debug, Default, PartialEq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The blobs that they refer to; one may come again.
    pub blobs: Vec<Referred>,
    /// Where the next page begins, if there is one; means something to its source alone.
    pub next: Option<Bytes>,
}

/// A blob as it is stored.
pub struct StoredBlob {
    /// How many bytes will come.
    pub bytes: u64,
    /// The bytes.
    pub stream: BoxStream<'static, Result<Bytes, Error>>,
}

/// One state of a store, and the blobs that it refers to.
pub trait Source: Send + Sync {
    /// Which state it is.
    fn head(&self) -> Head;

    /// The page at a cursor of the page before; the first without one. About 1 MiB.
    ///
    /// # Errors
    /// The source cannot be read, or is not what it was.
    fn page<'a>(&'a self, cursor: Option<&'a [u8]>) -> BoxFuture<'a, Result<Page, Error>>;

    /// A blob that a page named.
    ///
    /// # Errors
    /// As [`Source::page`].
    fn blob(&self, id: BlobId) -> BoxFuture<'_, Result<StoredBlob, Error>>;
}

/// How far it is; in the end, what it came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Entries that are done.
    pub entries: u64,
    /// Blobs that are done.
    pub blobs: u64,
    /// Blobs that are known of so far.
    pub blobs_known: u64,
    /// Bytes that are done, of entries and blobs.
    pub bytes: u64,
}

/// Who watches.
pub type Observer<'a> = &'a (dyn Fn(&Progress) + Send + Sync);
