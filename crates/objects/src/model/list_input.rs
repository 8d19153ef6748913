//! The members of every list of objects.

use super::{Access, Bucket, Encoding, Shared, at, limit};
use crate::Error;
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Permission};

/// The members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ListInput {
    pub(crate) bucket: String,
    #[serde(default)]
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    pub(crate) encoding_type: Option<String>,
    max_keys: Option<i64>,
    expected_bucket_owner: Option<String>,
    /// Told of archived objects only, of which there are none.
    #[serde(rename = "OptionalObjectAttributes", default)]
    _optional: Vec<Optional>,
}

#[derive(Debug, Deserialize)]
enum Optional {
    RestoreStatus,
}

impl Shared for ListInput {
    const NAMES: &'static [&'static str] = &[
        "Bucket",
        "Prefix",
        "Delimiter",
        "EncodingType",
        "MaxKeys",
        "ExpectedBucketOwner",
        "OptionalObjectAttributes",
    ];
}

impl ListInput {
    /// That the caller may list this.
    pub(crate) async fn permissions(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        action: &'static str,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &self.bucket).await?;
        Ok(vec![access.list(action, &self.prefix, self.delimiter.as_deref(), self.max_keys)])
    }

    /// The bucket.
    pub(crate) async fn find(&self, ctx: &Context, tx: &mut Transaction) -> Result<Bucket, Error> {
        at(ctx, tx, &self.bucket, self.expected_bucket_owner.as_deref()).await
    }

    /// Items in a page.
    pub(crate) fn limit(&self) -> Result<usize, Error> {
        limit(self.max_keys, "maxKeys")
    }

    pub(crate) fn encoding(&self) -> Result<Encoding, Error> {
        Encoding::of(self.encoding_type.as_deref())
    }
}
