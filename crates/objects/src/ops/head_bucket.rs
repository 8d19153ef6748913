use crate::{
    Objects,
    model::{self, Access},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells whether a bucket exists and the caller may list it.
pub(crate) struct HeadBucket;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    bucket_arn: String,
    bucket_region: String,
    access_point_alias: bool,
}

impl Operation for HeadBucket {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "HeadBucket";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:ListBucket")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        Ok(Output {
            bucket_arn: bucket.arn(),
            bucket_region: bucket.store.region.to_string(),
            access_point_alias: false,
        })
    }
}
