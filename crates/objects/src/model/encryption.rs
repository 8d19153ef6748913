//! How new objects are encrypted: each under a key of its own, which this installation's master key
//! seals (SSE-S3). There is no other way, so that a configuration can only say so.

use super::ENCRYPTION;
use crate::{Error, settings::Setting};
use kv::Record;
use serde::{Deserialize, Serialize};

/// What was said of a bucket's encryption.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct BucketEncryption {
    /// Only told back: bucket keys spare calls to KMS, which is not used.
    bucket_key: bool,
}

impl Record for BucketEncryption {
    const VERSION: u8 = 1;
}

impl Setting for BucketEncryption {
    const NAME: &'static str = "encryption";
}

/// `ServerSideEncryptionConfiguration`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct EncryptionDocument {
    rules: Vec<EncryptionRule>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EncryptionRule {
    apply_server_side_encryption_by_default: Option<ByDefault>,
    #[serde(default)]
    bucket_key_enabled: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByDefault {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
    #[serde(rename = "KMSMasterKeyID", skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl EncryptionDocument {
    pub(crate) fn of(encryption: &BucketEncryption) -> Self {
        let default = ByDefault { algorithm: ENCRYPTION.to_owned(), key: None };
        Self {
            rules: vec![EncryptionRule {
                apply_server_side_encryption_by_default: Some(default),
                bucket_key_enabled: encryption.bucket_key,
            }],
        }
    }

    /// What it says, if that can be had.
    pub(crate) fn read(&self) -> Result<BucketEncryption, Error> {
        let [rule] = &self.rules[..] else { return Err(Error::MalformedXml) };
        if let Some(ByDefault { algorithm, key }) = &rule.apply_server_side_encryption_by_default {
            if algorithm != ENCRYPTION {
                return Err(Error::NotImplemented(format!("encryption with {algorithm}")));
            }
            if key.is_some() {
                let text = "a KMSMasterKeyID is not applicable if the default sse algorithm is not \
                            aws:kms or aws:kms:dsse";
                return Err(Error::InvalidArgument(text.to_owned()));
            }
        }
        Ok(BucketEncryption { bucket_key: rule.bucket_key_enabled })
    }
}
