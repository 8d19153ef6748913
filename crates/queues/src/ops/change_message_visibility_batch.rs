use crate::{
    Queues,
    model::{self, BatchOutput, EntryDone, check_entries},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Changes how long up to ten received messages stay hidden, each by itself.
pub(crate) struct ChangeMessageVisibilityBatch;

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
    #[serde(default)]
    visibility_timeout: u32,
}

impl Operation for ChangeMessageVisibilityBatch {
    type Service = Queues;
    type Input = Input;
    type Output = BatchOutput<EntryDone>;
    const NAME: &'static str = "ChangeMessageVisibilityBatch";

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
    ) -> Result<BatchOutput<EntryDone>, Fault> {
        let ids = input.entries.iter().map(|entry| &*entry.id);
        check_entries("ChangeMessageVisibilityBatchRequestEntry", ids)?;
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let mut output = BatchOutput::new();
        for Entry { id, receipt_handle, visibility_timeout: seconds } in &input.entries {
            let changed =
                model::change_visibility(tx, &queue, receipt_handle, *seconds, ctx.now).await;
            output.push(id, changed.map(|()| EntryDone::new(id)))?;
        }
        Ok(output)
    }
}
