//! How a message enters a queue.

use super::{
    Flight, Message, Place, Queue,
    message::{AttributeValues, attributes_md5, check_attributes, xml_characters},
};
use crate::{
    Error, config,
    keys::{self, Id},
};
use kv::Transaction;
use std::time::Duration;
use types::Timestamp;

/// A message that is to be sent.
pub(crate) struct NewMessage {
    pub(crate) id: Id,
    pub(crate) body: String,
    pub(crate) attributes: AttributeValues,
    pub(crate) trace_header: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) sender: String,
    /// Overrides the queue's delay.
    pub(crate) delay_seconds: Option<u32>,
}

/// What the sender is told.
pub(crate) struct Sent {
    pub(crate) id: Id,
    pub(crate) body_md5: String,
    pub(crate) attributes_md5: Option<String>,
    pub(crate) size: u64,
}

/// Sends a message.
pub(crate) fn send(
    tx: &mut Transaction,
    queue: &Queue,
    new: NewMessage,
    now: Timestamp,
) -> Result<Sent, Error> {
    check_attributes(&new.attributes)?;
    xml_characters(&new.body)?;
    if new.body.is_empty() {
        return Err(Error::InvalidParameterValue(
            "The request must contain the parameter MessageBody.".to_owned(),
        ));
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
        attributes: new.attributes,
        trace_header: new.trace_header,
        group_id: new.group_id,
        sent: now,
        sender: new.sender,
        dead_letter_source: None,
    };
    let size = message.size();
    if size > u64::from(queue.maximum_message_size) {
        return Err(Error::InvalidParameterValue(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            queue.maximum_message_size
        )));
    }
    put(tx, queue, &message, Duration::from_secs(delay.into()), now)?;
    Ok(Sent {
        id: message.id,
        body_md5: message.body_md5(),
        attributes_md5: attributes_md5(&message.attributes),
        size,
    })
}

/// Puts a message into a queue, hidden for `delay`.
pub(crate) fn put(
    tx: &mut Transaction,
    queue: &Queue,
    message: &Message,
    delay: Duration,
    now: Timestamp,
) -> Result<(), kv::Error> {
    let (store, id) = (&queue.store, message.id);
    tx.put_record(keys::body(store, &id), message)?;
    tx.add(keys::total(store), 1)?;
    if delay.is_zero() {
        let place = Place { id, receives: 0, first_received: None };
        return tx.put_versionstamped(keys::ready(store), &[], kv::encode_record(&place));
    }
    let visible_at = now + delay;
    let flight = Flight { visible_at, receives: 0, first_received: None, receipt: 0 };
    tx.put_record(keys::flight(store, &id), &flight)?;
    tx.put(keys::hidden(store, visible_at, &id), DELAYED)
}

/// The value of a hidden key of a delayed message.
pub(crate) const DELAYED: kv::Value = kv::Value::from_static(&[1]);
/// The value of a hidden key of a message in flight.
pub(crate) const IN_FLIGHT: kv::Value = kv::Value::from_static(&[0]);
