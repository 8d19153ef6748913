use crate::{
    Objects,
    model::{RetentionDocument, lock_of, needs_lock, no_lock},
    to_object::ToObject,
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells until when a version of an object stays.
pub(crate) struct GetObjectRetention;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    retention: RetentionDocument,
}

impl Operation for GetObjectRetention {
    type Service = Objects;
    type Input = ToObject;
    type Output = Output;
    const NAME: &'static str = "GetObjectRetention";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let action = "s3:GetObjectRetention";
        input.permissions(ctx, tx, action, action).await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        needs_lock(&bucket)?;
        let lock = lock_of(tx, &bucket, &input.key, input.version_id.as_deref()).await?;
        let retention = lock.retention.ok_or_else(no_lock)?;
        Ok(Output { retention: RetentionDocument::of(&retention) })
    }
}
