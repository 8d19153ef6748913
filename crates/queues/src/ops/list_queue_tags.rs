use crate::{Queues, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Tags;

/// Tells the tags of a queue.
pub(crate) struct ListQueueTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
}

impl Operation for ListQueueTags {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListQueueTags";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:ListQueueTags").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        Ok(Output { tags: queue.tags })
    }
}
