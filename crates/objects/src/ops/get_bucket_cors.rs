use crate::{
    Error, Objects,
    model::Cors,
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Fault, Operation, Permission};

/// Tells which pages of other origins may use a bucket.
pub(crate) struct GetBucketCors;

impl Operation for GetBucketCors {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Cors;
    const NAME: &'static str = "GetBucketCors";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketCORS").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Cors, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let found = settings::find::<Cors>(tx, &bucket).await?;
        let (code, text) = ("NoSuchCORSConfiguration", "The CORS configuration does not exist");
        Ok(found.ok_or(Error::NoSuchConfiguration(code, text))?)
    }
}
