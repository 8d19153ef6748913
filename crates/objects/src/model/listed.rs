//! What lists tell of each object.

use super::{Encoding, Owner, Version, VersionId, quoted};
use serde::Serialize;
use service::Seconds;
use types::Timestamp;

/// An object, or a version of one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listed {
    key: String,
    last_modified: Seconds,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksum_algorithm: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<super::Kind>,
    size: u64,
    storage_class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Owner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<VersionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_latest: Option<bool>,
}

/// A delete marker.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedMarker {
    owner: Owner,
    key: String,
    version_id: VersionId,
    is_latest: bool,
    last_modified: Seconds,
}

/// What was rolled up.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CommonPrefix {
    prefix: String,
}

impl CommonPrefix {
    pub(crate) fn all(prefixes: &[String], encoding: Encoding) -> Vec<Self> {
        prefixes.iter().map(|prefix| Self { prefix: encoding.write(prefix) }).collect()
    }
}

fn whole_seconds(at: Timestamp) -> Seconds {
    Seconds(Timestamp::from_secs(at.as_secs()))
}

impl Listed {
    /// The object of a version; nothing for a delete marker.
    pub(crate) fn of(
        key: &str,
        version: &Version,
        encoding: Encoding,
        owner: Option<Owner>,
    ) -> Option<Self> {
        let object = version.object.as_ref()?;
        Some(Self {
            key: encoding.write(key),
            last_modified: whole_seconds(version.modified),
            etag: quoted(&object.etag),
            checksum_algorithm: object.checksum.iter().map(|sum| sum.algorithm.name()).collect(),
            checksum_type: object.checksum.as_ref().map(|sum| sum.kind),
            size: object.size,
            storage_class: "STANDARD",
            owner,
            version_id: None,
            is_latest: None,
        })
    }

    /// The same, as one of several versions.
    pub(crate) fn version(self, id: VersionId, is_latest: bool) -> Self {
        Self { version_id: Some(id), is_latest: Some(is_latest), ..self }
    }
}

impl ListedMarker {
    pub(crate) fn of(
        key: &str,
        version: &Version,
        is_latest: bool,
        encoding: Encoding,
        owner: Owner,
    ) -> Self {
        Self {
            owner,
            key: encoding.write(key),
            version_id: version.id,
            is_latest,
            last_modified: whole_seconds(version.modified),
        }
    }
}
