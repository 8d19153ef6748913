use crate::{
    Queues,
    model::{self, BatchOutput, EntryDone, check_entries},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Deletes up to ten received messages, each by itself.
pub(crate) struct DeleteMessageBatch;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Entry {
    id: String,
    receipt_handle: String,
}

impl Operation for DeleteMessageBatch {
    type Service = Queues;
    type Input = Input;
    type Output = BatchOutput<EntryDone>;
    const NAME: &'static str = "DeleteMessageBatch";

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
    ) -> Result<BatchOutput<EntryDone>, Fault> {
        check_entries("DeleteMessageBatchRequestEntry", input.entries.iter().map(|e| &*e.id))?;
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let mut output = BatchOutput::new();
        for Entry { id, receipt_handle } in &input.entries {
            let deleted = model::delete(tx, &queue, receipt_handle, ctx.now).await;
            output.push(id, deleted.map(|()| EntryDone::new(id)))?;
        }
        Ok(output)
    }
}
