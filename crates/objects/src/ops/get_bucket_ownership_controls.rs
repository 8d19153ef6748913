use crate::{
    Error, Objects,
    model::{ENFORCED, Ownership, OwnershipControls, OwnershipRule},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells who owns a bucket's objects.
pub(crate) struct GetBucketOwnershipControls;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    ownership_controls: OwnershipControls,
}

impl Operation for GetBucketOwnershipControls {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketOwnershipControls";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketOwnershipControls").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let ownership = settings::find::<Ownership>(tx, &bucket).await?.unwrap_or_default();
        if ownership.is_removed {
            let (code, text) =
                ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found");
            return Err(Error::NoSuchConfiguration(code, text).into());
        }
        let rule = OwnershipRule { object_ownership: ENFORCED.to_owned() };
        Ok(Output { ownership_controls: OwnershipControls { rules: vec![rule] } })
    }
}
