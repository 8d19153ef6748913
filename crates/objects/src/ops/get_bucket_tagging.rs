use crate::{
    Error, Objects,
    model::{BucketTags, Tagging},
    settings::{self, ToBucket},
};
use kv::Transaction;
use service::{Context, Fault, Operation, Permission};

/// Tells the tags of a bucket.
pub(crate) struct GetBucketTagging;

impl Operation for GetBucketTagging {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Tagging;
    const NAME: &'static str = "GetBucketTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketTagging").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Tagging, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let found = settings::find::<BucketTags>(tx, &bucket).await?.unwrap_or_default();
        if found.0.is_empty() {
            let (code, text) = ("NoSuchTagSet", "The TagSet does not exist");
            return Err(Error::NoSuchConfiguration(code, text).into());
        }
        Ok(Tagging::of(&found.0))
    }
}
