use crate::{
    Error, Objects,
    model::{Lifecycle, LifecycleDocument},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells when things of a bucket go by themselves.
pub(crate) struct GetBucketLifecycleConfiguration;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    document: LifecycleDocument,
    transition_default_minimum_object_size: String,
}

impl Operation for GetBucketLifecycleConfiguration {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketLifecycleConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetLifecycleConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let found = settings::find::<Lifecycle>(tx, &bucket).await?;
        let (code, text) =
            ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
        let found = found.ok_or(Error::NoSuchConfiguration(code, text))?;
        Ok(Output {
            document: found.document,
            transition_default_minimum_object_size: found.transition_size,
        })
    }
}
