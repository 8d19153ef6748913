use crate::{Objects, settings::ToBucket};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells the region of a bucket.
pub(crate) struct GetBucketLocation;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// Nothing for the classic region, `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    location_constraint: Option<String>,
}

impl Operation for GetBucketLocation {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketLocation";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketLocation").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let region = bucket.store.region.to_string();
        Ok(Output { location_constraint: Some(region).filter(|region| region != "us-east-1") })
    }
}
