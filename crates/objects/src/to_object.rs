//! The members of a request that name a version of an object, whatever it does to it.

use crate::{
    Error,
    model::{self, Access, Bucket, Shared},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Permission};

/// The members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ToObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version_id: Option<String>,
    expected_bucket_owner: Option<String>,
    /// It and the checksum were compared with the document before its members were read: see
    /// [`crate::digests`].
    #[serde(rename = "ContentMD5")]
    _content_md5: Option<String>,
    #[serde(rename = "ChecksumAlgorithm")]
    _checksum_algorithm: Option<String>,
}

impl Shared for ToObject {
    const NAMES: &'static [&'static str] =
        &["Bucket", "Key", "VersionId", "ExpectedBucketOwner", "ContentMD5", "ChecksumAlgorithm"];
}

impl ToObject {
    /// That the caller may do this to the object: `current` if no version is named, else
    /// `version`.
    pub(crate) async fn permissions(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        current: &'static str,
        version: &'static str,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &self.bucket).await?;
        Ok(vec![match &self.version_id {
            None => access.object(current, &self.key),
            Some(id) => {
                access.object(version, &self.key).with_condition("s3:VersionId", id.as_str())
            }
        }])
    }

    /// The bucket.
    pub(crate) async fn find(&self, ctx: &Context, tx: &mut Transaction) -> Result<Bucket, Error> {
        model::at(ctx, tx, &self.bucket, self.expected_bucket_owner.as_deref()).await
    }
}
