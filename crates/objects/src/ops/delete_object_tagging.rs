use crate::{
    Objects,
    model::{Action, Work},
    to_object::ToObject,
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};
use types::Tags;

/// Removes the tags of an object.
pub(crate) struct DeleteObjectTagging;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for DeleteObjectTagging {
    type Service = Objects;
    type Input = ToObject;
    type Output = Output;
    const NAME: &'static str = "DeleteObjectTagging";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (current, version) = ("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
        input.permissions(ctx, tx, current, version).await
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let work = Work::new(objects, ctx, &bucket);
        let (id, action) = (input.version_id.as_deref(), Action::TaggingDelete);
        let version = work.set_tags(tx, &input.key, id, Tags::new(), action).await?;
        Ok(Output { version_id: bucket.shown(&version) })
    }
}
