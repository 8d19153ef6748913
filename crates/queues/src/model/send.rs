//! How a message enters a queue.

use super::{
    Bodies, First, Flight, Message, Place, Queue, Sequence, fifo, hidden,
    message::{
        self, AttributeValues, attributes_md5, check_attributes, check_fifo_id, xml_characters,
    },
};
use crate::{
    Error, config,
    keys::{self, Hash, Id},
};
use kv::{Committed, Transaction};
use serde::Serialize;
use std::{collections::HashMap, time::Duration};
use types::{RequestId, Timestamp};

/// A message that is to be sent.
pub(crate) struct NewMessage {
    pub(crate) id: Id,
    pub(crate) body: String,
    pub(crate) attributes: AttributeValues,
    pub(crate) system_attributes: AttributeValues,
    /// The trace header of the request, for want of one among the system attributes.
    pub(crate) trace: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) deduplication_id: Option<String>,
    pub(crate) sender: String,
    /// Overrides the queue's delay.
    pub(crate) delay_seconds: Option<u32>,
}

/// What the messages of one request share.
pub(crate) struct Sending<'a> {
    pub(crate) bodies: &'a Bodies,
    /// The messages that this transaction has sent to a FIFO queue: it cannot read them.
    pub(crate) firsts: HashMap<Hash, First>,
}

impl<'a> Sending<'a> {
    pub(crate) fn new(bodies: &'a Bodies) -> Self {
        Self { bodies, firsts: HashMap::new() }
    }
}

/// What the sender is told.
#[derive(Debug, Serialize)]
pub(crate) struct Sent {
    #[serde(rename = "MessageId")]
    id: String,
    #[serde(rename = "MD5OfMessageBody")]
    body_md5: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    system_attributes_md5: Option<String>,
    /// Of a FIFO queue.
    #[serde(rename = "SequenceNumber", skip_serializing_if = "Option::is_none")]
    sequence_number: Option<Sequence>,
}

impl Sent {
    /// Its place in the queue is known with the commit.
    pub(crate) fn committed(&mut self, committed: &Committed) {
        if let Some(sequence) = &mut self.sequence_number {
            sequence.committed(committed);
        }
    }
}

/// Checks that a message to a FIFO queue has the ids that it needs.
///
/// # Errors
/// What is missing.
pub(crate) fn check_fifo_ids(
    queue: &Queue,
    group: Option<&str>,
    deduplication_id: Option<&str>,
) -> Result<(), Error> {
    match &queue.fifo {
        Some(settings) => fifo::check_ids(settings, group, deduplication_id),
        None => Ok(()),
    }
}

/// Sends a message.
pub(crate) async fn send(
    sending: &mut Sending<'_>,
    tx: &mut Transaction,
    queue: &Queue,
    new: NewMessage,
    now: Timestamp,
) -> Result<Sent, Error> {
    if new.body.is_empty() {
        return Err(Error::MissingParameter("MessageBody".to_owned()));
    }
    xml_characters(&new.body)?;
    check_attributes(&new.attributes)?;
    if let Some(group) = &new.group_id {
        check_fifo_id("MessageGroupId", group)?;
    }
    if let Some(id) = &new.deduplication_id {
        check_fifo_id("MessageDeduplicationId", id)?;
        if queue.fifo.is_none() {
            let (parameter, value) = ("MessageDeduplicationId", id.clone());
            return Err(Error::OtherQueueType { parameter, value });
        }
    }
    let delay = new.delay_seconds.unwrap_or(queue.delay_seconds);
    if !config::DELAY_SECONDS.contains(&delay) {
        return Err(Error::InvalidParameterValue(format!(
            "Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= \
             0 and <= 900."
        )));
    }
    let message = Message {
        id: new.id,
        body: new.body,
        trace_header: message::trace_header(&new.system_attributes)?.or(new.trace),
        attributes: new.attributes,
        group_id: new.group_id,
        deduplication_id: new.deduplication_id,
        sent: now,
        sender: new.sender,
        dead_letter_source: None,
    };
    if message.size() > u64::from(queue.maximum_message_size) {
        return Err(Error::MessageTooLong(queue.maximum_message_size));
    }
    let mut sent = Sent {
        id: RequestId::from_random(message.id).to_string(),
        body_md5: message.body_md5(),
        attributes_md5: attributes_md5(&message.attributes),
        system_attributes_md5: attributes_md5(&new.system_attributes),
        sequence_number: None,
    };
    if let Some(settings) = &queue.fifo {
        if let Some(delay) = new.delay_seconds.filter(|delay| *delay > 0) {
            let (parameter, value) = ("DelaySeconds", delay.to_string());
            return Err(Error::OtherQueueType { parameter, value });
        }
        let (id, sequence) = fifo::send(sending, tx, queue, settings, message).await?;
        sent.id = RequestId::from_random(id).to_string();
        sent.sequence_number = Some(sequence);
    } else {
        let delay = Duration::from_secs(delay.into());
        put(sending.bodies, tx, queue, &message, delay, now).await?;
    }
    Ok(sent)
}

/// Puts a message into a queue, hidden for `delay`.
pub(crate) async fn put(
    bodies: &Bodies,
    tx: &mut Transaction,
    queue: &Queue,
    message: &Message,
    delay: Duration,
    now: Timestamp,
) -> Result<(), Error> {
    let store = &queue.store;
    bodies.save(tx, queue, message)?;
    tx.add(keys::total(store), 1)?;
    let place = Place { id: message.id, sent: message.sent, receives: 0, first_received: None };
    if delay.is_zero() {
        let place = kv::encode_record(&place);
        return Ok(tx.put_versionstamped(keys::ready(store), &[], place)?);
    }
    let flight = Flight { place, hidden_at: now, visible_at: now + delay, receipt: 0 };
    Ok(hidden::hide(tx, store, &flight).await?)
}
