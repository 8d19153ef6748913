use crate::{
    Objects,
    model::BucketTags,
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes the tags of a bucket, but for those of other services.
pub(crate) struct DeleteBucketTagging;

impl Operation for DeleteBucketTagging {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "DeleteBucketTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:PutBucketTagging").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let before = settings::find::<BucketTags>(tx, &bucket).await?.unwrap_or_default();
        settings::put(tx, &bucket, &BucketTags(before.of_system()))?;
        Ok(Empty {})
    }
}
