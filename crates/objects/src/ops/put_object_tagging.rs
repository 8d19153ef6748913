use crate::{
    Objects, config,
    model::{Action, Split, Tagging, Work},
    to_object::ToObject,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Replaces the tags of an object.
pub(crate) struct PutObjectTagging;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    tagging: Tagging,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for PutObjectTagging {
    type Service = Objects;
    type Input = Split<ToObject, Own>;
    type Output = Output;
    const NAME: &'static str = "PutObjectTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (current, version) = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        input.0.permissions(ctx, tx, current, version).await
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let tags = input.1.tagging.tags(config::OBJECT_TAGS)?;
        let work = Work::new(objects, ctx, &bucket);
        let id = input.0.version_id.as_deref();
        let version = work.set_tags(tx, &input.0.key, id, tags, Action::TaggingPut).await?;
        Ok(Output { version_id: bucket.shown(&version) })
    }
}
