use crate::Logs;
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Tags;

/// The tags of a group.
pub(crate) struct ListTagsForResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    tags: Tags,
}

impl Operation for ListTagsForResource {
    type Service = Logs;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListTagsForResource";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_tags(ctx, "logs:ListTagsForResource", &input.resource_arn)?)
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let group = super::tagged_group(ctx, tx, &input.resource_arn).await?;
        Ok(Output { tags: group.tags })
    }
}
