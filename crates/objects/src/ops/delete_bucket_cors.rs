use crate::{
    Objects,
    model::Cors,
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets no pages of other origins use a bucket any more.
pub(crate) struct DeleteBucketCors;

impl Operation for DeleteBucketCors {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "DeleteBucketCors";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:PutBucketCORS").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.find(ctx, tx).await?;
        settings::remove::<Cors>(tx, &bucket)?;
        Ok(Empty {})
    }
}
