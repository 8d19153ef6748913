use crate::{
    Error, Objects,
    model::{
        self, Access, Action, ChecksumMembers, Completed, ENCRYPTION, Kind, Split, Work,
        check_write, quoted,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Makes an object of the parts of an upload.
pub(crate) struct CompleteMultipartUpload;

pub(crate) type Input = Split<ChecksumMembers, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    bucket: String,
    key: String,
    upload_id: String,
    multipart_upload: Option<Document>,
    checksum_type: Option<Kind>,
    mpu_object_size: Option<u64>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(default)]
    parts: Vec<Completed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    location: String,
    bucket: String,
    key: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(flatten)]
    checksum: ChecksumMembers,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    server_side_encryption: &'static str,
}

impl Operation for CompleteMultipartUpload {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CompleteMultipartUpload";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(_, own): &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &own.bucket).await?;
        Ok(vec![access.object("s3:PutObject", &own.key)])
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(sums, own): &Input,
    ) -> Result<Output, Fault> {
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &own.bucket, owner).await?;
        let (id, upload) = model::find_upload(tx, &bucket, &own.key, &own.upload_id).await?;
        let current = model::current(tx, &bucket, &own.key).await?;
        let (if_match, if_none_match) = (own.if_match.as_deref(), own.if_none_match.as_deref());
        check_write(current.as_ref(), &own.key, if_match, if_none_match)?;
        if own.checksum_type.is_some_and(|kind| kind != upload.kind) {
            let text = "The upload was created using another checksum type.";
            return Err(Error::InvalidRequest(text.to_owned()).into());
        }
        let listed = own.multipart_upload.as_ref().map_or(&[][..], |document| &document.parts);
        let work = Work::new(objects, ctx, &bucket);
        let object = work.assemble(tx, &own.key, (&id, &upload), listed).await?;
        model::check_assembled(&object, sums, own.mpu_object_size)?;
        let (etag, checksum) = (quoted(&object.etag), object.checksum.clone());
        let version = work.put(tx, &own.key, current, Some(object)).await?;
        let action = Action::CompleteMultipartUpload;
        work.notify_created(tx, action, &own.key, &version).await?;
        let members = checksum.as_ref().map(|sum| ChecksumMembers::of(sum.algorithm, &sum.value));
        Ok(Output {
            location: format!("{}/{}/{}", ctx.platform.public_url, own.bucket, own.key),
            bucket: own.bucket.clone(),
            key: own.key.clone(),
            etag,
            checksum: members.unwrap_or_default(),
            checksum_type: checksum.map(|sum| sum.kind),
            version_id: bucket.shown(&version),
            server_side_encryption: ENCRYPTION,
        })
    }
}
