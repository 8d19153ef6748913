use crate::{Queues, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use types::Tags;

/// Adds tags to a queue; a tag of the same key is replaced.
pub(crate) struct TagQueue;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    tags: Tags,
}

impl Operation for TagQueue {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "TagQueue";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:TagQueue").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut queue = model::at_url(ctx, tx, &input.queue_url).await?;
        queue.tags.extend(input.tags.clone());
        model::check_tags(&queue.tags)?;
        queue.modified = ctx.now;
        model::save(ctx, tx, &queue)?;
        Ok(Empty {})
    }
}
