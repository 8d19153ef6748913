use crate::{
    Error, Queues, config,
    model::{self, AttributeValue, BatchOutput, NewMessage, Sent, check_entries},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::collections::BTreeMap;
use types::RequestId;

/// Sends up to ten messages, each by itself.
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
    message_attributes: BTreeMap<String, AttributeValue>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, AttributeValue>,
    message_group_id: Option<String>,
}

impl Entry {
    fn new_message(&self, ctx: &Context) -> Result<NewMessage, Error> {
        Ok(NewMessage {
            id: ctx.ids().bytes(),
            body: self.message_body.clone(),
            attributes: self.message_attributes.clone(),
            trace_header: model::trace_header(&self.message_system_attributes)?,
            group_id: self.message_group_id.clone(),
            sender: model::sender(&ctx.caller),
            delay_seconds: self.delay_seconds,
        })
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Done {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "MessageId")]
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_attributes: Option<String>,
}

impl Done {
    fn new(id: &str, sent: Sent) -> Self {
        Self {
            id: id.to_owned(),
            message_id: RequestId::from_random(sent.id).to_string(),
            md5_of_body: sent.body_md5,
            md5_of_attributes: sent.attributes_md5,
        }
    }
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
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<BatchOutput<Done>, Fault> {
        check_entries("SendMessageBatchRequestEntry", input.entries.iter().map(|e| &*e.id))?;
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let mut output = BatchOutput::new();
        let mut bytes = 0;
        for entry in &input.entries {
            let sent = entry.new_message(ctx).and_then(|new| model::send(tx, &queue, new, ctx.now));
            if let Ok(sent) = &sent {
                bytes += sent.size;
            }
            output.push(&entry.id, sent.map(|sent| Done::new(&entry.id, sent)))?;
        }
        if bytes > config::MESSAGE_BYTES {
            return Err(Error::BatchRequestTooLong(bytes).into());
        }
        Ok(output)
    }
}
