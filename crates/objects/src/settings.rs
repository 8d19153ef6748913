//! A bucket's configurations, each a record of its own beside the bucket's, and what the operations
//! on them share.

use crate::{
    Error, keys,
    model::{self, Access, Bucket, Shared},
};
use kv::{Record, Transaction};
use serde::Deserialize;
use service::{Context, Fault, Permission};

/// A configuration of a bucket.
pub(crate) trait Setting: Record {
    /// Under what it is kept.
    const NAME: &'static str;
}

/// The configuration of a bucket, if it was said.
pub(crate) async fn find<T: Setting>(
    tx: &mut Transaction,
    bucket: &Bucket,
) -> Result<Option<T>, kv::Error> {
    tx.get_record(&keys::setting(&bucket.store, T::NAME)).await
}

/// Replaces the configuration of a bucket.
pub(crate) fn put<T: Setting>(
    tx: &mut Transaction,
    bucket: &Bucket,
    setting: &T,
) -> Result<(), kv::Error> {
    tx.put_record(keys::setting(&bucket.store, T::NAME), setting)
}

/// Goes back to what a bucket does when nothing was said.
pub(crate) fn remove<T: Setting>(tx: &mut Transaction, bucket: &Bucket) -> Result<(), kv::Error> {
    tx.delete(keys::setting(&bucket.store, T::NAME))
}

/// The members of a request that name a bucket, whatever it does to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ToBucket {
    bucket: String,
    expected_bucket_owner: Option<String>,
    /// It and the checksum were compared with the document before its members were read: see
    /// [`crate::digests`].
    #[serde(rename = "ContentMD5")]
    _content_md5: Option<String>,
    #[serde(rename = "ChecksumAlgorithm")]
    _checksum_algorithm: Option<String>,
}

impl Shared for ToBucket {
    const NAMES: &'static [&'static str] =
        &["Bucket", "ExpectedBucketOwner", "ContentMD5", "ChecksumAlgorithm"];
}

impl ToBucket {
    /// That the caller may do this to the bucket.
    pub(crate) async fn permissions(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        action: &'static str,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Access::to(ctx, tx, &self.bucket).await?.bucket(action)])
    }

    /// As [`ToBucket::permissions`], for actions that the root of the account can always do, so
    /// that no policy locks everybody out.
    pub(crate) async fn permissions_on_policy(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        action: &'static str,
    ) -> Result<Vec<Permission>, Fault> {
        let mut permissions = self.permissions(ctx, tx, action).await?;
        if matches!(ctx.caller.principal, policy::Principal::Root { .. }) {
            permissions.iter_mut().for_each(|permission| permission.resource_policy = None);
        }
        Ok(permissions)
    }

    /// The bucket.
    pub(crate) async fn find(&self, ctx: &Context, tx: &mut Transaction) -> Result<Bucket, Error> {
        model::at(ctx, tx, &self.bucket, self.expected_bucket_owner.as_deref()).await
    }
}
