use crate::{Logs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use types::Tags;

/// Adds tags to a group, or changes them.
pub(crate) struct TagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tags: Tags,
}

impl Operation for TagResource {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "TagResource";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_tags(ctx, "logs:TagResource", &input.resource_arn)?)
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut group = super::tagged_group(ctx, tx, &input.resource_arn).await?;
        group.tags = model::merge_tags(ctx, &group.name, &group.tags, &input.tags)?;
        group.save(tx)?;
        Ok(Empty {})
    }
}
