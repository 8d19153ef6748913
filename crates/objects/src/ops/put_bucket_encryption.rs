use crate::{
    Objects,
    model::{EncryptionDocument, Split},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Says how new objects of a bucket are encrypted: as all are.
pub(crate) struct PutBucketEncryption;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    server_side_encryption_configuration: EncryptionDocument,
}

impl Operation for PutBucketEncryption {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketEncryption";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutEncryptionConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let encryption = input.1.server_side_encryption_configuration.read()?;
        settings::put(tx, &bucket, &encryption)?;
        Ok(Empty {})
    }
}
