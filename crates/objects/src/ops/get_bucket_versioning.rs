use crate::{Objects, model::Versioning, settings::ToBucket};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells whether a bucket keeps old versions.
pub(crate) struct GetBucketVersioning;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// Nothing, if it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Versioning>,
}

impl Operation for GetBucketVersioning {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketVersioning";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketVersioning").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let status = bucket.versioning;
        Ok(Output { status: Some(status).filter(|status| *status != Versioning::Off) })
    }
}
