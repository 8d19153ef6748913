use crate::{Error, Objects, settings::ToBucket};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Tells that a bucket is not replicated: none is.
pub(crate) struct GetBucketReplication;

impl Operation for GetBucketReplication {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "GetBucketReplication";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetReplicationConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Empty, Fault> {
        input.find(ctx, tx).await?;
        let text = "The replication configuration was not found";
        Err(Error::NoSuchConfiguration("ReplicationConfigurationNotFoundError", text).into())
    }
}
