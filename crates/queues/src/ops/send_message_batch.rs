use crate::{
    Error, Queues, config,
    model::{self, AttributeValues, BatchOutput, NewMessage, Sending, Sent, check_entries},
};
use kv::{Committed, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Sends up to ten messages, each by itself. Where one lacks the ids that a FIFO queue needs, none is
/// sent.
pub(crate) struct SendMessageBatch;

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
    message_body: String,
    delay_seconds: Option<u32>,
    #[serde(default)]
    message_attributes: AttributeValues,
    #[serde(default)]
    message_system_attributes: AttributeValues,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

impl Entry {
    fn new_message(&self, ctx: &Context) -> NewMessage {
        NewMessage {
            id: ctx.ids().bytes(),
            body: self.message_body.clone(),
            attributes: self.message_attributes.clone(),
            system_attributes: self.message_system_attributes.clone(),
            trace: ctx.trace.clone(),
            group_id: self.message_group_id.clone(),
            deduplication_id: self.message_deduplication_id.clone(),
            sender: model::sender(&ctx.caller),
            delay_seconds: self.delay_seconds,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Done {
    id: String,
    #[serde(flatten)]
    sent: Sent,
}

impl Operation for SendMessageBatch {
    type Service = Queues;
    type Input = Input;
    type Output = BatchOutput<Done>;
    const NAME: &'static str = "SendMessageBatch";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:SendMessage").await
    }

    async fn run(
        queues: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<BatchOutput<Done>, Fault> {
        check_entries("SendMessageBatchRequestEntry", input.entries.iter().map(|e| &*e.id))?;
        let size = |entry: &Entry| model::size(&entry.message_body, &entry.message_attributes);
        let bytes = input.entries.iter().map(size).sum();
        if bytes > config::MESSAGE_BYTES {
            return Err(Error::BatchRequestTooLong(bytes).into());
        }
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        for entry in &input.entries {
            let (group, id) = (&entry.message_group_id, &entry.message_deduplication_id);
            model::check_fifo_ids(&queue, group.as_deref(), id.as_deref())?;
        }
        let mut output = BatchOutput::new();
        let mut sending = Sending::new(&queues.bodies);
        for entry in &input.entries {
            let sent = model::send(&mut sending, tx, &queue, entry.new_message(ctx), ctx.now).await;
            output.push(&entry.id, sent.map(|sent| Done { id: entry.id.clone(), sent }))?;
        }
        Ok(output)
    }

    fn committed(output: &mut BatchOutput<Done>, committed: &Committed) {
        output.successful.iter_mut().for_each(|done| done.sent.committed(committed));
    }
}
