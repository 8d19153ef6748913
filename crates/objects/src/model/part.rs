//! Where bytes lie, and the parts of uploads.

use super::Checksum;
use blob::BlobRef;
use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// Where the bytes of an object or a part lie; sealed, wherever that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// There are none.
    Empty,
    /// In the store.
    Inline(BlobRef),
    /// In a blob.
    Blob(BlobRef),
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
