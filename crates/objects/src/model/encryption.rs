//! How new objects are encrypted: each under a key of its own, which this installation's master key
//! seals (SSE-S3). There is no other way: what says `aws:kms` and names no key of the account's own
//! is a row of the table of substitutions.

use super::ENCRYPTION;
use crate::{Error, settings::Setting};
use kv::Record;
use serde::{Deserialize, Serialize};

/// What was said of a bucket's encryption.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct BucketEncryption {
    /// Only told back: bucket keys spare calls to KMS, which is not used.
    bucket_key: bool,
    /// Only told back: that S3's own key of KMS was asked for, and by which name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms: Option<KmsKey>,
}

/// S3's own key of KMS, by the name that a configuration gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KmsKey {
    name: Option<String>,
}

/// The encryption that is met by [`ENCRYPTION`].
pub(crate) const KMS: &str = "aws:kms";
/// The alias of S3's own key of KMS.
const KMS_ALIAS: &str = "alias/aws/s3";

/// Whether a key of KMS is S3's own: its alias, or an ARN that ends in it.
fn is_own(key: &str) -> bool {
    key == KMS_ALIAS || key.strip_suffix(KMS_ALIAS).is_some_and(|arn| arn.ends_with(':'))
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
        let default = match &encryption.kms {
            None => ByDefault { algorithm: ENCRYPTION.to_owned(), key: None },
            Some(kms) => ByDefault { algorithm: KMS.to_owned(), key: kms.name.clone() },
        };
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
        let default = rule.apply_server_side_encryption_by_default.as_ref();
        let kms = default.map(ByDefault::kms).transpose()?.flatten();
        Ok(BucketEncryption { bucket_key: rule.bucket_key_enabled, kms })
    }
}

impl ByDefault {
    fn kms(&self) -> Result<Option<KmsKey>, Error> {
        match (self.algorithm.as_str(), &self.key) {
            (ENCRYPTION, None) => Ok(None),
            (ENCRYPTION, Some(_)) => {
                let text = "a KMSMasterKeyID is not applicable if the default sse algorithm is not \
                            aws:kms or aws:kms:dsse";
                Err(Error::InvalidArgument(text.to_owned()))
            }
            (KMS, Some(key)) if !is_own(key) => {
                Err(Error::NotImplemented(format!("KMS keys other than {KMS_ALIAS}")))
            }
            (KMS, name) => Ok(Some(KmsKey { name: name.clone() })),
            (other, _) => Err(Error::NotImplemented(format!("encryption with {other}"))),
        }
    }
}
