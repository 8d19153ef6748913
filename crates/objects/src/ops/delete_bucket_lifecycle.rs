use crate::{
    Objects,
    model::Lifecycle,
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets nothing of a bucket go by itself any more.
pub(crate) struct DeleteBucketLifecycle;

impl Operation for DeleteBucketLifecycle {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "DeleteBucketLifecycle";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:PutLifecycleConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.find(ctx, tx).await?;
        settings::remove::<Lifecycle>(tx, &bucket)?;
        Ok(Empty {})
    }
}
