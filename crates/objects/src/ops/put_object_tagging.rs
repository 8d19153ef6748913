use crate::{
    Objects, config,
    model::{self, Access, Action, Tagging, Work},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Replaces the tags of an object.
pub(crate) struct PutObjectTagging;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    version_id: Option<String>,
    tagging: Tagging,
    /// Names the header with a digest of the document, which the signature covers anyway.
    #[serde(rename = "ContentMD5")]
    _content_md5: Option<String>,
    #[serde(rename = "ChecksumAlgorithm")]
    _checksum_algorithm: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for PutObjectTagging {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "PutObjectTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![match input.version_id {
            None => access.object("s3:PutObjectTagging", &input.key),
            Some(_) => access.object("s3:PutObjectVersionTagging", &input.key),
        }])
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let tags = input.tagging.tags(config::OBJECT_TAGS)?;
        let work = Work::new(objects, ctx, &bucket);
        let id = input.version_id.as_deref();
        let version = work.set_tags(tx, &input.key, id, tags, Action::TaggingPut).await?;
        Ok(Output { version_id: bucket.shown(&version) })
    }
}
