use crate::{
    Queues,
    model::{self, AttributeValue, NewMessage},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::collections::BTreeMap;
use types::RequestId;

/// Sends a message.
pub(crate) struct SendMessage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<u32>,
    #[serde(default)]
    message_attributes: BTreeMap<String, AttributeValue>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, AttributeValue>,
    message_group_id: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    #[serde(rename = "MessageId")]
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_attributes: Option<String>,
}

impl Operation for SendMessage {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "SendMessage";

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
    ) -> Result<Output, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let new = NewMessage {
            id: ctx.ids().bytes(),
            body: input.message_body.clone(),
            attributes: input.message_attributes.clone(),
            trace_header: model::trace_header(&input.message_system_attributes)?,
            group_id: input.message_group_id.clone(),
            sender: model::sender(&ctx.caller),
            delay_seconds: input.delay_seconds,
        };
        let sent = model::send(tx, &queue, new, ctx.now)?;
        Ok(Output {
            message_id: RequestId::from_random(sent.id).to_string(),
            md5_of_body: sent.body_md5,
            md5_of_attributes: sent.attributes_md5,
        })
    }
}
