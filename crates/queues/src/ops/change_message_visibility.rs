use crate::{Queues, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Changes how long a received message stays hidden, counted from now.
pub(crate) struct ChangeMessageVisibility;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: u32,
}

impl Operation for ChangeMessageVisibility {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "ChangeMessageVisibility";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:ChangeMessageVisibility").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let Input { receipt_handle, visibility_timeout, .. } = input;
        model::change_visibility(tx, &queue, receipt_handle, *visibility_timeout, ctx.now).await?;
        Ok(Empty {})
    }
}
