use crate::{
    Objects,
    model::{self, Access, Tagging},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells the tags of an object.
pub(crate) struct GetObjectTagging;

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
    #[serde(flatten)]
    tagging: Tagging,
}

impl Operation for GetObjectTagging {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetObjectTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![match input.version_id {
            None => access.object("s3:GetObjectTagging", &input.key),
            Some(_) => access.object("s3:GetObjectVersionTagging", &input.key),
        }])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let id = input.version_id.as_deref();
        let (_, version) = model::wanted_object(tx, &bucket, &input.key, id).await?;
        let tags = version.object.as_ref().map(|object| Tagging::of(&object.tags));
        Ok(Output { version_id: bucket.shown(&version), tagging: tags.unwrap_or_default() })
    }
}
