use crate::{
    Objects,
    model::{Cors, Split},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Says which pages of other origins may use a bucket.
pub(crate) struct PutBucketCors;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(rename = "CORSConfiguration")]
    configuration: Cors,
}

impl Operation for PutBucketCors {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketCors";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketCORS").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        input.1.configuration.check()?;
        settings::put(tx, &bucket, &input.1.configuration)?;
        Ok(Empty {})
    }
}
