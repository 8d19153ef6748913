use crate::{
    Objects,
    model::{self, Access, Versioning},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells whether a bucket keeps old versions.
pub(crate) struct GetBucketVersioning;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// Nothing, if it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Versioning>,
}

impl Operation for GetBucketVersioning {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetBucketVersioning";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:GetBucketVersioning")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let status = bucket.versioning;
        Ok(Output { status: Some(status).filter(|status| *status != Versioning::Off) })
    }
}
