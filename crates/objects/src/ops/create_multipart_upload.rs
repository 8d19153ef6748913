use crate::{
    Objects, keys,
    model::{self, Access, ENCRYPTION, Kind, NewObject, Split, Upload, check_key, check_lock},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Begins an upload in parts.
pub(crate) struct CreateMultipartUpload;

pub(crate) type Input = Split<NewObject, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    bucket: String,
    key: String,
    checksum_type: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    bucket: String,
    key: String,
    upload_id: String,
    server_side_encryption: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<Kind>,
}

impl Operation for CreateMultipartUpload {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateMultipartUpload";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(new, own): &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &own.bucket).await?;
        Ok(new.permissions(&access, &own.key))
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(new, own): &Input,
    ) -> Result<Output, Fault> {
        new.check()?;
        check_key(&own.key)?;
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &own.bucket, owner).await?;
        let upload = Upload::new(ctx, new, own.checksum_type.as_deref())?;
        check_lock(&bucket, &upload.lock)?;
        let id = model::new_upload_key(ctx);
        tx.put_record(keys::upload(&bucket.store, &own.key, &id), &upload)?;
        Ok(Output {
            bucket: own.bucket.clone(),
            key: own.key.clone(),
            upload_id: model::upload_id(&id),
            server_side_encryption: ENCRYPTION,
            checksum_algorithm: upload.is_chosen.then(|| upload.algorithm.name()),
            checksum_type: upload.is_chosen.then_some(upload.kind),
        })
    }
}
