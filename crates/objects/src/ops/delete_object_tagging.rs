use crate::{
    Objects,
    model::{self, Access, Action, Work},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Tags;

/// Removes the tags of an object.
pub(crate) struct DeleteObjectTagging;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    version_id: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for DeleteObjectTagging {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DeleteObjectTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![match input.version_id {
            None => access.object("s3:DeleteObjectTagging", &input.key),
            Some(_) => access.object("s3:DeleteObjectVersionTagging", &input.key),
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
        let work = Work::new(objects, ctx, &bucket);
        let (id, action) = (input.version_id.as_deref(), Action::TaggingDelete);
        let version = work.set_tags(tx, &input.key, id, Tags::new(), action).await?;
        Ok(Output { version_id: bucket.shown(&version) })
    }
}
