use crate::{
    Objects,
    model::{self, Access},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells the region of a bucket.
pub(crate) struct GetBucketLocation;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// Nothing for the classic region, `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    location_constraint: Option<String>,
}

impl Operation for GetBucketLocation {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetBucketLocation";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:GetBucketLocation")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let region = bucket.store.region.to_string();
        Ok(Output { location_constraint: Some(region).filter(|region| region != "us-east-1") })
    }
}
