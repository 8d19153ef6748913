use crate::{Error, Objects, settings::ToBucket};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Tells that a bucket is no website: they are not hosted here.
pub(crate) struct GetBucketWebsite;

impl Operation for GetBucketWebsite {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = "GetBucketWebsite";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketWebsite").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Empty, Fault> {
        input.find(ctx, tx).await?;
        let text = "The specified bucket does not have a website configuration";
        Err(Error::NoSuchConfiguration("NoSuchWebsiteConfiguration", text).into())
    }
}
