use crate::{Error, Objects, model::LockDocument, settings::ToBucket};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells whether and how a bucket locks its objects.
pub(crate) struct GetObjectLockConfiguration;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    object_lock_configuration: LockDocument,
}

impl Operation for GetObjectLockConfiguration {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetObjectLockConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketObjectLockConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let lock = bucket.lock.ok_or(Error::NoSuchConfiguration(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ))?;
        Ok(Output { object_lock_configuration: LockDocument::of(&lock) })
    }
}
