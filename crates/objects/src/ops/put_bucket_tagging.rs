use crate::{
    Objects,
    model::{BucketTags, Split, Tagging},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Replaces the tags of a bucket.
pub(crate) struct PutBucketTagging;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    tagging: Tagging,
}

impl Operation for PutBucketTagging {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketTagging").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let before = settings::find::<BucketTags>(tx, &bucket).await?.unwrap_or_default();
        let tags = before.replaced_by(ctx, input.1.tagging.distinct()?)?;
        settings::put(tx, &bucket, &tags)?;
        Ok(Empty {})
    }
}
