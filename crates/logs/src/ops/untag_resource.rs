use crate::Logs;
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes tags from a group.
pub(crate) struct UntagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UntagResource";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_tags(ctx, "logs:UntagResource", &input.resource_arn)?)
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut group = super::tagged_group(ctx, tx, &input.resource_arn).await?;
        group.tags.retain(|key, _| !input.tag_keys.contains(key));
        group.save(tx)?;
        Ok(Empty {})
    }
}
