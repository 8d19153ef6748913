use crate::{
    Objects,
    model::{self, Tagging},
    to_object::ToObject,
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells the tags of an object.
pub(crate) struct GetObjectTagging;

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
    type Input = ToObject;
    type Output = Output;
    const NAME: &'static str = "GetObjectTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (current, version) = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        input.permissions(ctx, tx, current, version).await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let id = input.version_id.as_deref();
        let (_, version) = model::wanted_object(tx, &bucket, &input.key, id).await?;
        let tags = version.object.as_ref().map(|object| Tagging::of(&object.tags));
        Ok(Output { version_id: bucket.shown(&version), tagging: tags.unwrap_or_default() })
    }
}
