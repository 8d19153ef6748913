use crate::{
    Error, Queues,
    model::{self, BatchOutput, Changed, Handle, Queue, check_entries},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Done {
    id: String,
}

async fn change(
    ctx: &Context,
    tx: &mut Transaction,
    queue: &Queue,
    entry: &Entry,
) -> Result<(), Error> {
    let handle = Handle::decode(&entry.receipt_handle)?;
    let seconds = entry.visibility_timeout;
    match model::change_visibility(tx, queue, &handle, seconds, ctx.now).await? {
        Changed::Yes => Ok(()),
        Changed::NotInFlight => Err(Error::MessageNotInflight(entry.receipt_handle.clone())),
    }
}

impl Operation for ChangeMessageVisibilityBatch {
    type Service = Queues;
    type Input = Input;
    type Output = BatchOutput<Done>;
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
    ) -> Result<BatchOutput<Done>, Fault> {
        let ids = input.entries.iter().map(|entry| &*entry.id);
        check_entries("ChangeMessageVisibilityBatchRequestEntry", ids)?;
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let mut output = BatchOutput::new();
        for entry in &input.entries {
            let result = change(ctx, tx, &queue, entry).await;
            output.push(&entry.id, result.map(|()| Done { id: entry.id.clone() }))?;
        }
        Ok(output)
    }
}
