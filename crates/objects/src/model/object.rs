//! The record of one version of an object.

use super::{Body, Checksum, Headers, Lock, VersionId};
use crate::{Error, config, keys::UploadKey};
use kv::Record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{Tags, Timestamp};

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: VersionId,
    /// Grows with every write to the key, in the order of the commits.
    pub(crate) sequence: u64,
    pub(crate) modified: Timestamp,
    /// What it is a version of; `None` is a delete marker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<Object>,
}

impl Record for Version {
    const VERSION: u8 = 1;
}

/// What one version of an object is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) size: u64,
    /// The entity tag, without quotes.
    pub(crate) etag: String,
    pub(crate) content: Content,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<Checksum>,
    #[serde(default)]
    pub(crate) headers: Headers,
    /// The user's own, by names in lower case without their prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default, skip_serializing_if = "Lock::is_open")]
    pub(crate) lock: Lock,
}

/// Where the bytes of an object lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// In one place.
    Whole(Body),
    /// In the parts of an upload that is complete.
    Parts {
        /// Which one.
        upload: UploadKey,
        /// How many parts it has.
        count: u32,
    },
}

/// An entity tag as it goes over the wire.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Checks the length of an object's key.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    if key.len() > config::KEY_BYTES { Err(Error::KeyTooLong(key.len())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an earlier build wrote must stay readable.
    #[test]
    fn records_keep_their_stored_form() {
        let marker = r#"{"id":"null","sequence":3,"modified":5}"#;
        let read: Version = serde_json::from_str(marker).unwrap();
        assert_eq!((read.id, read.sequence, &read.object), (VersionId::Null, 3, &None));
        assert_eq!(serde_json::to_string(&read).unwrap(), marker);
        let object = r#"{"size":0,"etag":"d4","content":{"Whole":"Empty"},"headers":{}}"#;
        let read: Object = serde_json::from_str(object).unwrap();
        assert_eq!(read.content, Content::Whole(Body::Empty));
        assert_eq!(serde_json::to_string(&read).unwrap(), object);
    }
}
