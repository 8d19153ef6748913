use crate::{Queues, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes tags from a queue.
pub(crate) struct UntagQueue;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagQueue {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UntagQueue";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:UntagQueue").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut queue = model::at_url(ctx, tx, &input.queue_url).await?;
        queue.tags.retain(|key, _| !input.tag_keys.contains(key));
        queue.modified = ctx.now;
        model::save(ctx, tx, &queue)?;
        Ok(Empty {})
    }
}
