//! How event source mappings read a queue: by the same functions as `ReceiveMessage` and
//! `DeleteMessage`, as the function's role.

use crate::{
    Error, Queues, config, keys,
    model::{self, AttributeValue, Name, Queue, Received, Taken, Wanted, attributes_md5},
};
use futures_util::future::BoxFuture;
use kv::{Key, Transaction};
use serde_json::{Map, Value, json};
use service::{Batch, Caller, Fault, Source, SourceRecord, authorize};
use std::{sync::Arc, time::Duration};
use types::{AccountId, Arn, Region, RequestId, Timestamp};

/// Queues as event sources.
pub(crate) struct QueueSource(pub(crate) Arc<Queues>);

impl Source for QueueSource {
    fn service(&self) -> &'static str {
        "sqs"
    }

    fn watch_key(&self, source: &Arn) -> Key {
        match place(source) {
            Ok((account, region)) => keys::watched(&account, &region, source.resource()),
            // Nothing changes under the ARN of nothing.
            Err(_) => keys::READY.range().end,
        }
    }

    fn is_ordered(&self, source: &Arn) -> bool {
        Name::of_arn(source).is_ok_and(|name| name.is_fifo())
    }

    fn receive<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        source: &'a Arn,
        read: service::Wanted,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Batch, Fault>> {
        Box::pin(async move {
            let queue = at_arn(tx, source).await?;
            permit(caller, &queue, "sqs:ReceiveMessage", now)?;
            let wanted = Wanted {
                limit: read.limit as usize,
                visibility: visibility(&queue),
                now,
                ids: &self.0.ids,
                spread: true,
                one_group: read.one_group,
                attempt: None,
            };
            let taken = model::receive(&self.0, tx, &queue, &wanted).await;
            let taken = match taken {
                // As a queue with nothing to receive.
                Err(Error::TooManyInFlight) => {
                    let next = Some(now + config::LOOK_AGAIN);
                    return Ok(Batch { records: Vec::new(), next });
                }
                taken => taken?,
            };
            let next = match &taken {
                Taken { received, .. } if !received.is_empty() => None,
                // Others may lie behind what was dropped.
                Taken { dropped: 1.., .. } => Some(now),
                _ => model::next_visible(tx, &queue, now).await?,
            };
            let records = taken.received.into_iter().map(|one| record(one, source)).collect();
            Ok(Batch { records, next })
        })
    }

    /// A body that is JSON is matched by its members ("Filtering with Amazon SQS").
    fn for_patterns(&self, event: &Value) -> Value {
        let mut event = event.clone();
        let body = event["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
        if let Some(body @ (Value::Object(_) | Value::Array(_))) = body {
            event["body"] = body;
        }
        event
    }

    fn waits_since(&self, event: &Value) -> Option<Timestamp> {
        let sent = event["attributes"]["SentTimestamp"].as_str()?;
        sent.parse().ok().map(Timestamp::from_millis)
    }

    fn hold<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        source: &'a Arn,
        handles: &'a [String],
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let queue = at_arn(tx, source).await?;
            // Part of receiving: the roles of functions have no other permission on Lambda either.
            permit(caller, &queue, "sqs:ReceiveMessage", now)?;
            Ok(model::hold(tx, &queue, handles, until, now).await?)
        })
    }

    fn settle<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        source: &'a Arn,
        done: &'a [String],
        _failed: &'a [String],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let queue = at_arn(tx, source).await?;
            permit(caller, &queue, "sqs:DeleteMessage", now)?;
            // The failed ones come back by themselves when their visibility timeout ends.
            Ok(model::finish(tx, &queue, done, now).await?)
        })
    }
}

/// How long a mapping's read hides messages, if it does not hold them for longer.
fn visibility(queue: &Queue) -> Duration {
    let visibility = Duration::from_secs(queue.visibility_seconds.into());
    match queue.fifo {
        Some(_) => visibility.max(config::MAPPING_VISIBILITY),
        None => visibility,
    }
}

fn place(source: &Arn) -> Result<(AccountId, Region), Fault> {
    match (source.account().parse(), source.region().parse()) {
        (Ok(account), Ok(region)) => Ok((account, region)),
        _ => Err(Error::QueueDoesNotExist.into()),
    }
}

async fn at_arn(tx: &mut Transaction, source: &Arn) -> Result<Queue, Fault> {
    let (account, region) = place(source)?;
    let name = Name::of_arn(source)?;
    let queue = model::find(tx, &account, &region, &name).await?;
    queue.ok_or_else(|| Error::QueueDoesNotExist.into())
}

fn permit(
    caller: &Caller,
    queue: &Queue,
    action: &'static str,
    now: Timestamp,
) -> Result<(), Fault> {
    let permission = queue.permission(action)?;
    authorize(caller, &permission, &queue.store.region, now)
}

/// A record as functions get it from a queue ("Using Lambda with Amazon SQS").
fn record(received: Received, source: &Arn) -> SourceRecord {
    let id = RequestId::from_random(received.message.id).to_string();
    let handle = received.handle.encode();
    let attributes = received.system_attributes(&["All".to_owned()]);
    let message = &received.message;
    let event = json!({
        "messageId": id,
        "receiptHandle": handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": message_attributes(&received),
        "md5OfMessageAttributes": attributes_md5(&message.attributes),
        "md5OfBody": message.body_md5(),
        "eventSource": "aws:sqs",
        "eventSourceARN": source,
        "awsRegion": source.region(),
    });
    let group = received.handle.group;
    let trace = received.message.trace_header;
    SourceRecord { id, event: without_null(event), handle, group, trace }
}

fn message_attributes(received: &Received) -> Map<String, Value> {
    let attribute = |value: &AttributeValue| {
        without_null(json!({
            "stringValue": value.string_value,
            "binaryValue": value.binary_value,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": value.data_type,
        }))
    };
    let attributes = received.message.attributes.iter();
    attributes.map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn without_null(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    value
}
