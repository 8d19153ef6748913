use crate::{
    Objects,
    model::PublicAccess,
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Blocks nothing of public access to a bucket any more.
pub(crate) struct DeletePublicAccessBlock;

impl Operation for DeletePublicAccessBlock {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "DeletePublicAccessBlock";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:PutBucketPublicAccessBlock").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.find(ctx, tx).await?;
        settings::put(tx, &bucket, &PublicAccess { block: None })?;
        Ok(Empty {})
    }
}
