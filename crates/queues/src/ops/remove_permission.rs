use crate::{Queues, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes the statement of a label from the policy of a queue.
pub(crate) struct RemovePermission;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    label: String,
}

impl Operation for RemovePermission {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "RemovePermission";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:RemovePermission").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut queue = model::at_url(ctx, tx, &input.queue_url).await?;
        queue.policy = model::without_statement(queue.policy.as_deref(), &input.label)?;
        queue.modified = ctx.now;
        model::save(ctx, tx, &queue)?;
        Ok(Empty {})
    }
}
