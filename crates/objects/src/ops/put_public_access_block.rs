use crate::{
    Objects,
    model::{PublicAccess, PublicAccessBlock, Split},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Says what of public access to a bucket is blocked.
pub(crate) struct PutPublicAccessBlock;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    public_access_block_configuration: PublicAccessBlock,
}

impl Operation for PutPublicAccessBlock {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutPublicAccessBlock";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketPublicAccessBlock").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let access = PublicAccess { block: Some(input.1.public_access_block_configuration) };
        match access == PublicAccess::default() {
            true => settings::remove::<PublicAccess>(tx, &bucket)?,
            false => settings::put(tx, &bucket, &access)?,
        }
        Ok(Empty {})
    }
}
