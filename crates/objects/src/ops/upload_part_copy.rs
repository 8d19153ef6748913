use crate::{
    Objects,
    intake::{Expected, Taken},
    model::{
        self, Access, ChecksumMembers, CopySource, Date, ENCRYPTION, SourceOptions, Work,
        check_part_number, quoted,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation, Seconds};

/// Stores bytes of an object as a part of an upload.
pub(crate) struct UploadPartCopy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    part_number: i64,
    upload_id: String,
    copy_source: String,
    copy_source_range: Option<String>,
    copy_source_if_match: Option<String>,
    copy_source_if_none_match: Option<String>,
    #[serde(default)]
    copy_source_if_modified_since: Date,
    #[serde(default)]
    copy_source_if_unmodified_since: Date,
    expected_bucket_owner: Option<String>,
    expected_source_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    copy_part_result: Copied,
    server_side_encryption: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_source_version_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Copied {
    #[serde(rename = "ETag")]
    etag: String,
    last_modified: Seconds,
    #[serde(flatten)]
    checksum: ChecksumMembers,
}

/// The bytes of the source, and its version.
pub(crate) struct Prepared {
    taken: Taken,
    version: Option<String>,
}

impl Input {
    fn options(&self) -> SourceOptions<'_> {
        SourceOptions {
            if_match: self.copy_source_if_match.as_deref(),
            if_none_match: self.copy_source_if_none_match.as_deref(),
            if_modified_since: self.copy_source_if_modified_since,
            if_unmodified_since: self.copy_source_if_unmodified_since,
            owner: self.expected_source_bucket_owner.as_deref(),
            range: self.copy_source_range.as_deref(),
        }
    }
}

impl PreparedOperation for UploadPartCopy {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    type Prepared = Prepared;
    const NAME: &'static str = "UploadPartCopy";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let source = CopySource::parse(&input.copy_source)?;
        let access = Access::to(ctx, tx, &input.bucket).await?;
        let put = access.object("s3:PutObject", &input.key);
        Ok(vec![source.permission(ctx, tx).await?, put])
    }

    async fn prepare(objects: &Objects, ctx: &Context, input: &Input) -> Result<Prepared, Fault> {
        check_part_number(input.part_number)?;
        let source = CopySource::parse(&input.copy_source)?;
        let mut tx = objects.platform.store.begin();
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, &mut tx, &input.bucket, owner).await?;
        let (_, upload) =
            model::find_upload(&mut tx, &bucket, &input.key, &input.upload_id).await?;
        drop(tx);
        let open = source.open(objects, ctx, &input.options()).await?;
        let expected = Expected { algorithm: Some(upload.algorithm), ..Expected::default() };
        let taken = objects.take(open.stream, &expected, |_| Ok(None)).await?;
        Ok(Prepared { taken, version: open.version })
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        prepared: &Prepared,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let number = check_part_number(input.part_number)?;
        let (work, taken) = (Work::new(objects, ctx, &bucket), &prepared.taken);
        work.put_part(tx, &input.key, &input.upload_id, number, taken).await?;
        Ok(Output {
            copy_part_result: Copied {
                etag: quoted(&taken.md5),
                last_modified: Seconds(ctx.now),
                checksum: ChecksumMembers::of(taken.checksum.algorithm, &taken.checksum.value),
            },
            server_side_encryption: ENCRYPTION,
            copy_source_version_id: prepared.version.clone(),
        })
    }

    async fn release(objects: &Objects, prepared: &Prepared) {
        prepared.taken.drop_blob(objects).await;
    }
}
