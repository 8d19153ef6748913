use crate::{
    Objects,
    model::{self},
    settings::ToBucket,
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Takes the policy from a bucket; one without is left as it is.
pub(crate) struct DeleteBucketPolicy;

impl Operation for DeleteBucketPolicy {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "DeleteBucketPolicy";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions_on_policy(ctx, tx, "s3:DeleteBucketPolicy").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let mut bucket = input.find(ctx, tx).await?;
        bucket.policy = None;
        model::save(tx, &bucket)?;
        Ok(Empty {})
    }
}
