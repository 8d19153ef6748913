use crate::{
    Error, Objects, jobs,
    model::{self, Access},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes an empty bucket, with its configurations and its uploads in progress.
pub(crate) struct DeleteBucket;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    expected_bucket_owner: Option<String>,
}

impl Operation for DeleteBucket {
    type Service = Objects;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteBucket";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:DeleteBucket")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        if !model::is_empty(tx, &bucket).await? {
            return Err(Error::BucketNotEmpty(input.bucket.clone()).into());
        }
        model::delete(tx, &bucket)?;
        jobs::clear(ctx, tx, &bucket.store)?;
        Ok(Empty {})
    }
}
