use crate::{
    Objects,
    model::Ownership,
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes what a bucket says of the ownership of its objects. ACLs stay refused.
pub(crate) struct DeleteBucketOwnershipControls;

impl Operation for DeleteBucketOwnershipControls {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "DeleteBucketOwnershipControls";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:PutBucketOwnershipControls").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.find(ctx, tx).await?;
        settings::put(tx, &bucket, &Ownership { is_removed: true })?;
        Ok(Empty {})
    }
}
