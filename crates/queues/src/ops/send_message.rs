use crate::{
    Queues,
    model::{self, AttributeValues, NewMessage, Sending, Sent},
};
use kv::{Committed, Transaction};
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Sends a message.
pub(crate) struct SendMessage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<u32>,
    #[serde(default)]
    message_attributes: AttributeValues,
    #[serde(default)]
    message_system_attributes: AttributeValues,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

impl Operation for SendMessage {
    type Service = Queues;
    type Input = Input;
    type Output = Sent;
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
        queues: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Sent, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let new = NewMessage {
            id: ctx.ids().bytes(),
            body: input.message_body.clone(),
            attributes: input.message_attributes.clone(),
            system_attributes: input.message_system_attributes.clone(),
            trace: ctx.trace.clone(),
            group_id: input.message_group_id.clone(),
            deduplication_id: input.message_deduplication_id.clone(),
            sender: model::sender(&ctx.caller),
            delay_seconds: input.delay_seconds,
        };
        let mut sending = Sending::new(&queues.bodies);
        Ok(model::send(&mut sending, tx, &queue, new, ctx.now).await?)
    }

    fn committed(output: &mut Sent, committed: &Committed) {
        output.committed(committed);
    }
}
