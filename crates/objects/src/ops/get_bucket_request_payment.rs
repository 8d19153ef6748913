use crate::{Objects, settings::ToBucket};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells who pays for the requests to a bucket: its owner.
pub(crate) struct GetBucketRequestPayment;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    payer: &'static str,
}

impl Operation for GetBucketRequestPayment {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketRequestPayment";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketRequestPayment").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Output, Fault> {
        input.find(ctx, tx).await?;
        Ok(Output { payer: "BucketOwner" })
    }
}
