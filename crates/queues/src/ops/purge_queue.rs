use crate::{Error, Queues, config, jobs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes all messages of a queue, at most once a minute.
pub(crate) struct PurgeQueue;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
}

impl Operation for PurgeQueue {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PurgeQueue";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:PurgeQueue").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut queue = model::at_url(ctx, tx, &input.queue_url).await?;
        if queue.purged.is_some_and(|purged| ctx.now < purged + config::PURGE_INTERVAL) {
            return Err(Error::PurgeQueueInProgress(queue.name.as_str().to_owned()).into());
        }
        jobs::clear(ctx, tx, &queue.store)?;
        queue.store.id = ctx.ids().bytes();
        queue.purged = Some(ctx.now);
        jobs::expire(ctx, tx, &queue)?;
        model::save(ctx, tx, &queue)?;
        Ok(Empty {})
    }
}
