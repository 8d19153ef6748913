use crate::{
    Objects, jobs, keys,
    model::{self, Access},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Gives an upload in parts up; its parts go.
pub(crate) struct AbortMultipartUpload;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    upload_id: String,
    expected_bucket_owner: Option<String>,
}

impl Operation for AbortMultipartUpload {
    type Service = Objects;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "AbortMultipartUpload";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.object("s3:AbortMultipartUpload", &input.key)])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let (id, _) = model::find_upload(tx, &bucket, &input.key, &input.upload_id).await?;
        tx.delete(keys::upload(&bucket.store, &input.key, &id))?;
        jobs::release_parts(ctx, tx, &bucket.store, &id)?;
        Ok(Empty {})
    }
}
