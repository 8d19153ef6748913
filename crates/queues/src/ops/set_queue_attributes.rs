use crate::{Queues, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use std::collections::BTreeMap;

/// Changes settings of a queue; all of them or none.
pub(crate) struct SetQueueAttributes;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    attributes: BTreeMap<String, String>,
}

impl Operation for SetQueueAttributes {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "SetQueueAttributes";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:SetQueueAttributes").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut queue = model::at_url(ctx, tx, &input.queue_url).await?;
        model::changes(tx, &mut queue, &input.attributes).await?;
        queue.modified = ctx.now;
        model::save(ctx, tx, &queue)?;
        Ok(Empty {})
    }
}
