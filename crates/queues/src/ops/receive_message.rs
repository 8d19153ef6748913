use crate::{
    Error, Queues, config, keys,
    model::{self, Queue, Received, Selection, Taken, Wanted},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Attempt, Context, Fault, Permission, Waiting};
use std::{collections::BTreeMap, time::Duration};
use types::{RequestId, Timestamp};

/// Receives up to ten messages, hides them, and waits for the first if asked to.
pub(crate) struct ReceiveMessage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    max_number_of_messages: Option<u32>,
    visibility_timeout: Option<u32>,
    wait_time_seconds: Option<u32>,
    receive_request_attempt_id: Option<String>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Message {
    #[serde(rename = "MessageId")]
    id: String,
    #[serde(rename = "ReceiptHandle")]
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    #[serde(rename = "Body")]
    body: String,
    #[serde(rename = "Attributes", skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_attributes: Option<String>,
    #[serde(rename = "MessageAttributes", skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<String, model::AttributeValue>,
}

impl Message {
    fn new(received: Received, selection: &Selection<'_>) -> Self {
        let message_attributes = received.message.selected(selection.message);
        Self {
            id: RequestId::from_random(received.message.id).to_string(),
            receipt_handle: received.handle.encode(),
            md5_of_body: received.message.body_md5(),
            attributes: received.system_attributes(selection.system),
            md5_of_attributes: model::attributes_md5(&message_attributes),
            message_attributes,
            body: received.message.body,
        }
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        let checks = [
            ("MaxNumberOfMessages", self.max_number_of_messages, config::RECEIVE_MESSAGES),
            ("VisibilityTimeout", self.visibility_timeout, config::VISIBILITY_SECONDS),
            ("WaitTimeSeconds", self.wait_time_seconds, config::WAIT_SECONDS),
        ];
        for (name, value, range) in checks {
            if let Some(value) = value.filter(|value| !range.contains(value)) {
                let (least, most) = (range.start(), range.end());
                let reason = match name {
                    "MaxNumberOfMessages" => format!("between {least} and {most}"),
                    _ => format!(">= {least} and <= {most}"),
                };
                return Err(Error::InvalidParameterValue(format!(
                    "Value {value} for parameter {name} is invalid. Reason: Must be {reason}, if \
                     provided."
                )));
            }
        }
        Ok(())
    }

    /// What only FIFO queues take.
    fn check_attempt(&self, queue: &Queue) -> Result<(), Error> {
        let Some(id) = &self.receive_request_attempt_id else { return Ok(()) };
        let parameter = "ReceiveRequestAttemptId";
        if queue.fifo.is_none() {
            return Err(Error::OtherQueueType { parameter, value: id.clone() });
        }
        model::check_fifo_id(parameter, id)
    }

    fn system_names(&self) -> &[String] {
        // The older name of the same parameter.
        if self.message_system_attribute_names.is_empty() {
            &self.attribute_names
        } else {
            &self.message_system_attribute_names
        }
    }
}

/// When to look again, if this look found nothing to give.
async fn look_again(
    ctx: &Context,
    tx: &mut Transaction,
    queue: &Queue,
    taken: &Taken,
    now: Timestamp,
    deadline: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    if !taken.received.is_empty() {
        return Ok(None);
    }
    if taken.dropped > 0 && (now < deadline || ctx.attempt() < config::LOOKS) {
        return Ok(Some(now));
    }
    if now >= deadline {
        return Ok(None);
    }
    let next = model::next_visible(tx, queue, now).await?;
    Ok(next.into_iter().chain([deadline, now + config::LOOK_AGAIN]).min())
}

impl Waiting for ReceiveMessage {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ReceiveMessage";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:ReceiveMessage").await
    }

    async fn attempt(
        queues: &Queues,
        ctx: &Context,
        now: Timestamp,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Attempt<Output>, Fault> {
        input.check()?;
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        input.check_attempt(&queue)?;
        let visibility = input.visibility_timeout.unwrap_or(queue.visibility_seconds);
        let wanted = Wanted {
            limit: input.max_number_of_messages.unwrap_or(1) as usize,
            visibility: Duration::from_secs(visibility.into()),
            now,
            ids: ctx.ids(),
            spread: ctx.attempt() > 0,
            one_group: false,
            attempt: input.receive_request_attempt_id.as_deref(),
        };
        let wait = input.wait_time_seconds.unwrap_or(queue.wait_seconds);
        let deadline = ctx.now + Duration::from_secs(wait.into());
        let taken = match model::receive(queues, tx, &queue, &wanted).await {
            // A long poll gets no error ("Amazon SQS message quotas"): it waits for room. Nobody gets
            // one of a FIFO queue ("Amazon SQS FIFO queue quotas").
            Err(Error::TooManyInFlight) if wait > 0 || queue.fifo.is_some() => Taken::default(),
            taken => taken?,
        };
        if let Some(until) = look_again(ctx, tx, &queue, &taken, now, deadline).await? {
            let watch = match queue.fifo {
                Some(_) => keys::tickets(&queue.store),
                None => keys::ready(&queue.store),
            };
            return Ok(Attempt::Wait { watch, until });
        }
        let selection =
            Selection { system: input.system_names(), message: &input.message_attribute_names };
        let messages = taken.received.into_iter().map(|r| Message::new(r, &selection)).collect();
        Ok(Attempt::Done(Output { messages }))
    }
}
