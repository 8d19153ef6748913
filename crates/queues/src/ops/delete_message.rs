use crate::{Queues, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a received message. Deleting it twice is no error.
pub(crate) struct DeleteMessage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    receipt_handle: String,
}

impl Operation for DeleteMessage {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteMessage";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:DeleteMessage").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        model::delete(tx, &queue, &input.receipt_handle, ctx.now).await?;
        Ok(Empty {})
    }
}
