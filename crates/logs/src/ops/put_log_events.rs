use crate::{
    Error, Logs, config,
    model::{self, Append, Group, NewEvent},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Context, Direct, Fault, Permission, transact};
use std::ops::Range;
use types::Timestamp;

/// Adds a batch of events to a stream.
///
/// Not one transaction, because 10,000 events with as many timestamps and what is counted of them
/// are more keys than a transaction may write: the batch goes in parts of
/// [`config::APPEND_EVENTS`].
pub(crate) struct PutLogEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
    /// Without effect since 2023: every token is accepted.
    #[serde(rename = "sequenceToken")]
    _sequence_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InputEvent {
    timestamp: Timestamp,
    message: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    next_sequence_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_log_events_info: Option<Rejected>,
}

/// Which events were not taken, by their place in the batch.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rejected {
    #[serde(skip_serializing_if = "Option::is_none")]
    too_new_log_event_start_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_old_log_event_end_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_log_event_end_index: Option<usize>,
}

impl service::Output for Output {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

impl Direct for PutLogEvents {
    type Service = Logs;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "PutLogEvents";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (group, stream) = (&input.log_group_name, &input.log_stream_name);
        Ok(super::on_stream(ctx, "logs:PutLogEvents", group, stream))
    }

    async fn run(_: &Logs, ctx: &Context, input: &Input) -> Result<Output, Fault> {
        check(&input.log_events)?;
        let store = &ctx.platform.store;
        let mut tx = store.begin();
        let group = model::get_group(ctx, &mut tx, &input.log_group_name).await?;
        model::get_stream(&mut tx, &group, &input.log_stream_name).await?;
        let (taken, rejected) = select(&input.log_events, &group, ctx.now);
        let events: Vec<NewEvent<'_>> = input.log_events[taken]
            .iter()
            .map(|event| NewEvent { time: event.timestamp, message: &event.message })
            .collect();
        for events in events.chunks(config::APPEND_EVENTS) {
            let append = Append {
                account: ctx.account(),
                region: &ctx.region,
                group: &input.log_group_name,
                stream: &input.log_stream_name,
                events,
                now: ctx.now,
            };
            transact(store, &append).await?;
        }
        let rejected = (rejected != Rejected::default()).then_some(rejected);
        Ok(Output {
            next_sequence_token: sequence_token(Some(ctx.now)),
            rejected_log_events_info: rejected,
        })
    }
}

/// A token as older clients expect it: digits.
pub(super) fn sequence_token(last: Option<Timestamp>) -> String {
    format!("{:056}", last.unwrap_or_default().as_millis())
}

/// The rules that a batch as a whole must follow.
fn check(events: &[InputEvent]) -> Result<(), Error> {
    let bytes = |event: &InputEvent| event.message.len() + config::EVENT_OVERHEAD_BYTES;
    let limit = config::EVENT_BYTES;
    if let Some(large) = events.iter().map(bytes).find(|bytes| *bytes > limit) {
        let text = format!("Log event too large: {large} bytes exceeds limit of {limit}");
        return Err(Error::invalid(text));
    }
    let limit = config::BATCH_BYTES;
    let total: usize = events.iter().map(bytes).sum();
    if total > limit {
        let text = format!("Upload too large: {total} bytes exceeds limit of {limit}");
        return Err(Error::invalid(text));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(Error::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    match (events.first(), events.last()) {
        (Some(first), Some(last)) if last.timestamp.since(first.timestamp) > config::BATCH_SPAN => {
            Err(Error::invalid(
                "The batch of log events in a single PutLogEvents request cannot span more than \
                 24 hours.",
            ))
        }
        _ => Ok(()),
    }
}

/// The events that are neither too old nor too new nor expired, and what is said of the others.
fn select(events: &[InputEvent], group: &Group, now: Timestamp) -> (Range<usize>, Rejected) {
    let before = |time: Timestamp| events.partition_point(|event| event.timestamp < time);
    let too_old = before(now - config::EVENT_PAST);
    let expired = before(group.expired_before(now));
    let latest = now + config::EVENT_FUTURE;
    let too_new = events.partition_point(|event| event.timestamp <= latest);
    let start = too_old.max(expired);
    let rejected = Rejected {
        too_new_log_event_start_index: (too_new < events.len()).then_some(too_new),
        too_old_log_event_end_index: (too_old > 0).then_some(too_old),
        expired_log_event_end_index: (expired > too_old).then_some(expired),
    };
    (start..too_new.max(start), rejected)
}
