use crate::{
    Error, Objects,
    model::{PublicAccess, PublicAccessBlock},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells what of public access to a bucket is blocked.
pub(crate) struct GetPublicAccessBlock;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    public_access_block_configuration: PublicAccessBlock,
}

impl Operation for GetPublicAccessBlock {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetPublicAccessBlock";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketPublicAccessBlock").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let access = settings::find::<PublicAccess>(tx, &bucket).await?.unwrap_or_default();
        let (code, text) = (
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        );
        let block = access.block.ok_or(Error::NoSuchConfiguration(code, text))?;
        Ok(Output { public_access_block_configuration: block })
    }
}
