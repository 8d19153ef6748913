use crate::{Objects, settings::ToBucket};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Tells that the requests to a bucket are logged to no other.
pub(crate) struct GetBucketLogging;

impl Operation for GetBucketLogging {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "GetBucketLogging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketLogging").await
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
