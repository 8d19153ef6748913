use crate::{Queues, jobs, keys, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a queue with all its messages.
pub(crate) struct DeleteQueue;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
}

impl Operation for DeleteQueue {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteQueue";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:DeleteQueue").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        tx.delete(keys::queue(ctx.account(), &ctx.region, queue.name.as_str()))?;
        jobs::clear(ctx, tx, &queue.store)?;
        Ok(Empty {})
    }
}
