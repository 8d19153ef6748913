//! Where bytes lie, and the parts of uploads.

use super::Checksum;
use blob::BlobId;
use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// Where the bytes of an object or a part lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// There are none.
    Empty,
    /// In the store, under this id.
    Inline([u8; 16]),
    /// In a blob.
    Blob(BlobId),
}

/// A part of an upload, or of the object that the upload became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) size: u64,
    /// The MD5 of its bytes in hexadecimal: its entity tag without quotes.
    pub(crate) md5: String,
    pub(crate) modified: Timestamp,
    pub(crate) body: Body,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<Checksum>,
}

impl Record for Part {
    const VERSION: u8 = 1;
}
