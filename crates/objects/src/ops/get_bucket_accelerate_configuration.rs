use crate::{Objects, settings::ToBucket};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Tells that a bucket has no transfer acceleration, as one that was never accelerated does.
pub(crate) struct GetBucketAccelerateConfiguration;

impl Operation for GetBucketAccelerateConfiguration {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "GetBucketAccelerateConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetAccelerateConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Empty, Fault> {
        input.find(ctx, tx).await?;
        Ok(Empty {})
    }
}
