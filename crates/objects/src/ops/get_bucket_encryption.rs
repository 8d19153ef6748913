use crate::{
    Objects,
    model::{BucketEncryption, EncryptionDocument},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells how new objects of a bucket are encrypted.
pub(crate) struct GetBucketEncryption;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    server_side_encryption_configuration: EncryptionDocument,
}

impl Operation for GetBucketEncryption {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketEncryption";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetEncryptionConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let found = settings::find::<BucketEncryption>(tx, &bucket).await?.unwrap_or_default();
        Ok(Output { server_side_encryption_configuration: EncryptionDocument::of(&found) })
    }
}
