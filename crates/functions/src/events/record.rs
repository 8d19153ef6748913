//! What destinations and dead-letter queues are told: two different things. A destination gets a
//! record of the invocation, a dead-letter queue the event as it was and attributes beside it.

use super::{EventState, GivenUp};
use crate::model::{Function, LATEST, qualified};
use runtime::Outcome;
use serde_json::{Value, json};
use service::delivery::Delivery;
use types::{Arn, Timestamp};

/// The longest error message in a dead letter's attributes, in bytes.
const ERROR_MESSAGE_BYTES: usize = 1024;

/// The record of an invocation for a destination.
pub(super) fn record(
    function: &Function,
    delivery: &Delivery,
    state: &EventState,
    now: Timestamp,
    result: Result<&Outcome, (GivenUp, Option<&Outcome>)>,
) -> String {
    let (condition, outcome, invoked) = match result {
        Ok(outcome) => ("Success", Some(outcome), state.failures + 1),
        Err((GivenUp::RetriesExhausted, outcome)) => ("RetriesExhausted", outcome, state.failures),
        Err((GivenUp::RecursiveInvocation, outcome)) => {
            ("RecursiveInvocation", outcome, state.failures)
        }
        Err((GivenUp::EventAgeExceeded, outcome)) => ("EventAgeExceeded", outcome, state.failures),
    };
    let mut record = json!({
        "version": "1.0",
        "timestamp": now.to_iso8601(),
        "requestContext": {
            "requestId": delivery.id.to_string(),
            "functionArn": called(&delivery.target),
            "condition": condition,
            "approximateInvokeCount": invoked,
        },
        "requestPayload": json_or_text(delivery.payload.as_bytes()),
    });
    if let Some(outcome) = outcome {
        record["responseContext"] =
            json!({"statusCode": 200, "executedVersion": function.version()});
        if outcome.error.is_some() {
            record["responseContext"]["functionError"] = "Unhandled".into();
        }
        record["responsePayload"] = json_or_text(&outcome.payload);
    }
    record.to_string()
}

/// The ARN that was called, with its qualifier.
fn called(target: &Arn) -> Arn {
    match target.resource().split(':').count() {
        // Without a qualifier: `function:f`.
        2 => qualified(target, LATEST),
        _ => target.clone(),
    }
}

/// The message attributes of a dead letter.
pub(super) fn dead_letter_attributes(
    delivery: &Delivery,
    given_up: GivenUp,
    outcome: Option<&Outcome>,
) -> Value {
    let text = |value: &str| json!({"DataType": "String", "StringValue": value});
    let mut attributes = json!({"RequestID": text(&delivery.id.to_string())});
    let (code, message) = match outcome {
        Some(outcome) => ("200", error_message(&outcome.payload)),
        None => ("", format!("{given_up:?}")),
    };
    if !code.is_empty() {
        attributes["ErrorCode"] = json!({"DataType": "Number", "StringValue": code});
    }
    if !message.is_empty() {
        attributes["ErrorMessage"] = text(&message);
    }
    attributes
}

/// The first KiB of what the function said.
fn error_message(payload: &[u8]) -> String {
    let parsed: Value = serde_json::from_slice(payload).unwrap_or_default();
    let message = parsed["errorMessage"].as_str().unwrap_or_default();
    message[..message.floor_char_boundary(ERROR_MESSAGE_BYTES)].to_owned()
}

fn json_or_text(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
}
