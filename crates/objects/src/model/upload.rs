//! Multipart uploads in progress.

use super::{Algorithm, Bucket, Headers, Kind, Lock, NewObject};
use crate::{
    Error, config,
    keys::{self, UploadKey},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kv::{Record, Transaction};
use serde::{Deserialize, Serialize};
use service::Context;
use std::collections::BTreeMap;
use types::{Tags, Timestamp};

/// An upload in progress. Its id and the object's key are in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) initiated: Timestamp,
    /// Of every part's checksum.
    pub(crate) algorithm: Algorithm,
    /// What the object's checksum will be of.
    pub(crate) kind: Kind,
    /// Whether the caller chose them, and so must tell the checksums of parts.
    pub(crate) is_chosen: bool,
    #[serde(default)]
    pub(crate) headers: Headers,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// How the object will be locked.
    #[serde(default, skip_serializing_if = "Lock::is_open")]
    pub(crate) lock: Lock,
}

impl Record for Upload {
    const VERSION: u8 = 1;
}

impl Upload {
    /// An upload of such an object, whose checksum is of the kind that `kind` names.
    pub(crate) fn new(ctx: &Context, new: &NewObject, kind: Option<&str>) -> Result<Self, Error> {
        let chosen = new.algorithm()?;
        let algorithm = chosen.unwrap_or(Algorithm::DEFAULT);
        let kind = match kind {
            None => algorithm.default_kind(),
            Some(_) if chosen.is_none() => {
                let text = "The x-amz-checksum-type header can only be used with the \
                            x-amz-checksum-algorithm header.";
                return Err(Error::InvalidRequest(text.to_owned()));
            }
            Some("COMPOSITE") => Kind::Composite,
            Some("FULL_OBJECT") => Kind::FullObject,
            Some(_) => {
                let text = "Value for x-amz-checksum-type header is invalid.";
                return Err(Error::InvalidRequest(text.to_owned()));
            }
        };
        if !algorithm.allows(kind) {
            let name = algorithm.name().to_ascii_lowercase();
            return Err(Error::InvalidRequest(format!(
                "The {} checksum type cannot be used with the {name} checksum algorithm.",
                kind.name()
            )));
        }
        Ok(Self {
            initiated: ctx.now,
            algorithm,
            kind,
            is_chosen: chosen.is_some(),
            headers: new.headers(),
            metadata: new.metadata(),
            tags: new.tags()?,
            lock: new.lock(ctx.now)?,
        })
    }
}

/// A new upload's id: its beginning first, so that the uploads of one key order by it.
pub(crate) fn new_upload_key(ctx: &Context) -> UploadKey {
    let mut key = [0; 24];
    key[..8].copy_from_slice(&ctx.now.as_millis().to_be_bytes());
    key[8..].copy_from_slice(&ctx.ids().bytes::<16>());
    key
}

/// An upload's id as callers see it.
pub(crate) fn upload_id(key: &UploadKey) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// Reads an upload's id.
pub(crate) fn read_upload_id(text: &str) -> Result<UploadKey, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let key = bytes.and_then(|bytes| bytes.try_into().ok());
    key.ok_or_else(|| Error::NoSuchUpload(text.to_owned()))
}

/// The upload of an id to a key; tracked.
pub(crate) async fn find_upload(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
    id: &str,
) -> Result<(UploadKey, Upload), Error> {
    let upload = read_upload_id(id)?;
    let found = tx.get_record(&keys::upload(&bucket.store, key, &upload)).await?;
    Ok((upload, found.ok_or_else(|| Error::NoSuchUpload(id.to_owned()))?))
}

/// Checks the number of a part.
pub(crate) fn check_part_number(number: i64) -> Result<u32, Error> {
    let number = u32::try_from(number).ok().filter(|n| config::PART_NUMBERS.contains(n));
    number.ok_or_else(|| {
        let text = "Part number must be an integer between 1 and 10000, inclusive";
        Error::InvalidArgument(text.to_owned())
    })
}
