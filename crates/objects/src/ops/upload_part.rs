use crate::{
    Objects,
    intake::{Expected, Taken},
    model::{
        self, Access, Algorithm, ChecksumMembers, ENCRYPTION, Split, Work, check_part_number,
        quoted,
    },
    request,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};

/// Stores a part of an upload.
pub(crate) struct UploadPart;

pub(crate) type Input = Split<ChecksumMembers, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    bucket: String,
    key: String,
    part_number: i64,
    upload_id: String,
    content_length: Option<u64>,
    #[serde(rename = "ContentMD5")]
    content_md5: Option<String>,
    checksum_algorithm: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(flatten)]
    checksum: ChecksumMembers,
    server_side_encryption: &'static str,
}

impl PreparedOperation for UploadPart {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    type Prepared = Taken;
    const NAME: &'static str = "UploadPart";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(_, own): &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &own.bucket).await?;
        Ok(vec![access.object("s3:PutObject", &own.key)])
    }

    async fn prepare(
        objects: &Objects,
        ctx: &Context,
        Split(sums, own): &Input,
    ) -> Result<Taken, Fault> {
        check_part_number(own.part_number)?;
        let named = own.checksum_algorithm.as_deref().map(Algorithm::parse).transpose()?;
        let mut expected = Expected::of(own.content_md5.as_deref(), sums, named)?;
        let mut tx = objects.platform.store.begin();
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, &mut tx, &own.bucket, owner).await?;
        let (_, upload) = model::find_upload(&mut tx, &bucket, &own.key, &own.upload_id).await?;
        drop(tx);
        expected.of_upload(&upload)?;
        request::take(objects, ctx, own.content_length, &expected).await
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(_, own): &Input,
        taken: &Taken,
    ) -> Result<Output, Fault> {
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &own.bucket, owner).await?;
        let number = check_part_number(own.part_number)?;
        let work = Work::new(objects, ctx, &bucket);
        work.put_part(tx, &own.key, &own.upload_id, number, taken).await?;
        Ok(Output {
            etag: quoted(&taken.md5),
            checksum: ChecksumMembers::of(taken.checksum.algorithm, &taken.checksum.value),
            server_side_encryption: ENCRYPTION,
        })
    }

    async fn release(objects: &Objects, taken: &Taken) {
        taken.drop_blob(objects).await;
    }
}
