//! What an upload says of an object beside its bytes.

use super::{
    Access, Algorithm, Date, ENCRYPTION, KMS, Lock, Retention, Shared, legal_hold, lock,
    refuse_grants,
};
use crate::{Error, config};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use service::Permission;
use std::collections::BTreeMap;
use types::{Tags, Timestamp};

/// Headers that are kept with an object and given back with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// The members by which requests say what a new object is like, whatever brings its bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct NewObject {
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    content_type: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    tagging: Option<String>,
    storage_class: Option<String>,
    server_side_encryption: Option<String>,
    #[serde(rename = "ACL")]
    acl: Option<String>,
    grant_full_control: Option<String>,
    grant_read: Option<String>,
    #[serde(rename = "GrantReadACP")]
    grant_read_acp: Option<String>,
    #[serde(rename = "GrantWriteACP")]
    grant_write_acp: Option<String>,
    pub(crate) checksum_algorithm: Option<String>,
    object_lock_mode: Option<String>,
    object_lock_retain_until_date: Option<Date>,
    object_lock_legal_hold_status: Option<String>,
}

/// What an object has when its upload says no type.
const DEFAULT_TYPE: &str = "binary/octet-stream";

impl Shared for NewObject {
    const NAMES: &'static [&'static str] = &[
        "CacheControl",
        "ContentDisposition",
        "ContentEncoding",
        "ContentLanguage",
        "ContentType",
        "Expires",
        "Metadata",
        "Tagging",
        "StorageClass",
        "ServerSideEncryption",
        "ACL",
        "GrantFullControl",
        "GrantRead",
        "GrantReadACP",
        "GrantWriteACP",
        "ChecksumAlgorithm",
        "ObjectLockMode",
        "ObjectLockRetainUntilDate",
        "ObjectLockLegalHoldStatus",
    ];
}

impl NewObject {
    /// What the caller must be allowed to do to store such an object.
    pub(crate) fn permissions(&self, access: &Access, key: &str) -> Vec<Permission> {
        let mut put = access.object("s3:PutObject", key);
        let said = [
            ("s3:x-amz-acl", &self.acl),
            ("s3:x-amz-server-side-encryption", &self.server_side_encryption),
            ("s3:x-amz-storage-class", &self.storage_class),
        ];
        for (condition, value) in said {
            if let Some(value) = value {
                put = put.with_condition(condition, value);
            }
        }
        let tag = self.tagging.is_some().then(|| access.object("s3:PutObjectTagging", key));
        let lock = lock::permissions(
            access,
            key,
            self.object_lock_mode.as_deref(),
            self.object_lock_retain_until_date,
            self.object_lock_legal_hold_status.as_deref(),
        );
        [put].into_iter().chain(tag).chain(lock).collect()
    }

    /// What does not depend on the bytes or the bucket is wrong or refused before any byte is read.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_acl()?;
        match self.storage_class.as_deref() {
            None | Some("STANDARD") => {}
            Some(other) => return Err(Error::NotImplemented(format!("the storage class {other}"))),
        }
        match self.server_side_encryption.as_deref() {
            None | Some(ENCRYPTION | KMS) => {}
            Some(other) => return Err(Error::NotImplemented(format!("encryption with {other}"))),
        }
        let size = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > config::METADATA_BYTES {
            return Err(Error::MetadataTooLarge(size));
        }
        self.tags().map(drop)
    }

    /// ACLs are off; what they would say anyway is no ACL.
    fn check_acl(&self) -> Result<(), Error> {
        let grants = [
            &self.grant_full_control,
            &self.grant_read,
            &self.grant_read_acp,
            &self.grant_write_acp,
        ];
        refuse_grants(self.acl.as_deref(), &grants)
    }

    /// Whether the request says how the object is locked.
    pub(crate) fn says_lock(&self) -> bool {
        self.object_lock_mode.is_some()
            || self.object_lock_retain_until_date.is_some()
            || self.object_lock_legal_hold_status.is_some()
    }

    /// How the request locks the object.
    pub(crate) fn lock(&self, now: Timestamp) -> Result<Lock, Error> {
        let (mode, until) = (self.object_lock_mode.as_deref(), self.object_lock_retain_until_date);
        let status = self.object_lock_legal_hold_status.as_deref();
        Ok(Lock {
            retention: Retention::new(mode, until, now)?,
            legal_hold: status.map(legal_hold).transpose()?.unwrap_or_default(),
        })
    }

    /// The algorithm that the request names for the object's checksum.
    pub(crate) fn algorithm(&self) -> Result<Option<Algorithm>, Error> {
        self.checksum_algorithm.as_deref().map(Algorithm::parse).transpose()
    }

    pub(crate) fn headers(&self) -> Headers {
        Headers {
            cache_control: self.cache_control.clone(),
            content_disposition: self.content_disposition.clone(),
            content_encoding: self.content_encoding.clone(),
            content_language: self.content_language.clone(),
            content_type: Some(self.content_type.clone().unwrap_or(DEFAULT_TYPE.to_owned())),
            expires: self.expires.clone(),
        }
    }

    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let lower = |(name, value): (&String, &String)| (name.to_ascii_lowercase(), value.clone());
        self.metadata.iter().map(lower).collect()
    }

    /// The tags of the header, which is written like a query.
    pub(crate) fn tags(&self) -> Result<Tags, Error> {
        let mut tags = Tags::new();
        let text = self.tagging.as_deref().unwrap_or_default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if tags.insert(decode(key)?, decode(value)?).is_some() {
                return Err(super::tags::twice());
            }
        }
        super::tags::check(&tags, config::OBJECT_TAGS)?;
        Ok(tags)
    }
}

fn decode(text: &str) -> Result<String, Error> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| {
        let text = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query \
                    parameters without tag name duplicates.";
        Error::InvalidArgument(text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn new(members: serde_json::Value) -> NewObject {
        serde_json::from_value(members).unwrap()
    }

    #[test]
    fn tags_of_a_header_are_written_like_a_query() {
        let tags = new(json!({"Tagging": "a=1&b%20c=d+e&f"})).tags().unwrap();
        let expected = [("a", "1"), ("b c", "d e"), ("f", "")];
        assert_eq!(tags, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
        assert!(new(json!({"Tagging": "a=1&a=2"})).tags().is_err());
    }

    #[test]
    fn what_buckets_of_today_do_not_have_is_refused() {
        assert!(new(json!({"ACL": "bucket-owner-full-control"})).check().is_ok());
        for members in [
            json!({"ACL": "public-read"}),
            json!({"GrantRead": "id=1"}),
            json!({"StorageClass": "GLACIER"}),
            json!({"ServerSideEncryption": "aws:kms:dsse"}),
            json!({"Metadata": {"a": "x".repeat(2_048)}}),
        ] {
            assert!(new(members.clone()).check().is_err(), "{members}");
        }
    }
}
