//! The attributes of a queue as the API names them.

use super::{
    Queue,
    counts::counts,
    dead_letter,
    queue::{Name, Redrive, RedriveAllow},
};
use crate::{Error, config};
use kv::Transaction;
use policy::{Document, DocumentKind};
use serde_json::Value;
use std::{collections::BTreeMap, ops::RangeInclusive};
use types::{Arn, Tags, Timestamp};

/// Names and values of attributes.
pub(crate) type Attributes = BTreeMap<String, String>;

/// Sets the given attributes on `queue`. Its dead-letter queue must exist and take its messages.
pub(crate) async fn changes(
    tx: &mut Transaction,
    queue: &mut Queue,
    attributes: &Attributes,
) -> Result<(), Error> {
    for (name, value) in attributes {
        set(queue, name, value)?;
    }
    if queue.fifo.as_ref().is_some_and(|fifo| fifo.limit_is_per_group && !fifo.scope_is_group) {
        return Err(Error::InvalidAttributeValue(
            "FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only when the value \
             for DeduplicationScope is messageGroup"
                .to_owned(),
        ));
    }
    queue.encryption = queue.encryption.changed(attributes)?;
    if let Some(value) = attributes.get("RedrivePolicy").filter(|value| !value.is_empty())
        && let Err(reason) = dead_letter::target(tx, queue).await?
    {
        return Err(invalid_redrive(value, reason));
    }
    Ok(())
}

fn set(queue: &mut Queue, name: &str, value: &str) -> Result<(), Error> {
    let number = |range: RangeInclusive<u32>| {
        let parsed = value.parse().ok().filter(|number| range.contains(number));
        parsed.ok_or_else(|| Error::InvalidAttributeValue(name.to_owned()))
    };
    match name {
        "DelaySeconds" => queue.delay_seconds = number(config::DELAY_SECONDS)?,
        "MaximumMessageSize" => {
            queue.maximum_message_size = number(config::MAXIMUM_MESSAGE_SIZE)?;
        }
        "MessageRetentionPeriod" => queue.retention_seconds = number(config::RETENTION_SECONDS)?,
        "ReceiveMessageWaitTimeSeconds" => queue.wait_seconds = number(config::WAIT_SECONDS)?,
        "VisibilityTimeout" => queue.visibility_seconds = number(config::VISIBILITY_SECONDS)?,
        "Policy" => queue.policy = policy(value)?,
        "RedrivePolicy" => queue.redrive = redrive(value)?,
        "RedriveAllowPolicy" => queue.redrive_allow = redrive_allow(value)?,
        // Set together.
        "SqsManagedSseEnabled" | "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" => {}
        _ => set_fifo(queue, name, value)?,
    }
    Ok(())
}

/// Sets what only FIFO queues have. Texts as SQS gave them to LocalStack's validated tests
/// (`test_sqs.snapshot.json`).
fn set_fifo(queue: &mut Queue, name: &str, value: &str) -> Result<(), Error> {
    let invalid = || Error::InvalidAttributeValue(name.to_owned());
    match (name, &mut queue.fifo) {
        ("FifoQueue", Some(_)) if value == "true" => {}
        ("FifoQueue", fifo) if fifo.is_some() || value == "true" => {
            return Err(Error::InvalidAttributeValue(format!(
                "{name}. Reason: Modifying queue type is not supported"
            )));
        }
        ("ContentBasedDeduplication", Some(fifo)) => {
            fifo.content_based = value.parse().map_err(|_| invalid())?;
        }
        ("DeduplicationScope", Some(fifo)) => {
            fifo.scope_is_group = one_of(value, ["queue", "messageGroup"]).ok_or_else(invalid)?;
        }
        ("FifoThroughputLimit", Some(fifo)) => {
            fifo.limit_is_per_group =
                one_of(value, ["perQueue", "perMessageGroupId"]).ok_or_else(invalid)?;
        }
        ("DeduplicationScope" | "FifoThroughputLimit", None) => {
            return Err(Error::FifoOnly(name.to_owned()));
        }
        _ => return Err(Error::InvalidAttributeName(name.to_owned())),
    }
    Ok(())
}

/// Whether it is the second of two values, or nothing if it is neither.
fn one_of(value: &str, [first, second]: [&str; 2]) -> Option<bool> {
    (value == first || value == second).then_some(value == second)
}

/// The name must be one of the type of queue that the attributes ask for.
pub(crate) fn check_type(name: &Name, attributes: &Attributes) -> Result<(), Error> {
    let wants_fifo = attributes.get("FifoQueue").is_some_and(|value| value == "true");
    match (wants_fifo, name.is_fifo()) {
        (true, false) => Err(Error::InvalidFifoQueueName),
        (false, true) => Err(Error::InvalidQueueName),
        _ => Ok(()),
    }
}

pub(crate) fn policy(value: &str) -> Result<Option<String>, Error> {
    if value.is_empty() {
        return Ok(None);
    }
    Document::parse(value, DocumentKind::Resource).map_err(|error| {
        Error::InvalidParameterValue(format!("Invalid value for the parameter Policy: {error}"))
    })?;
    Ok(Some(value.to_owned()))
}

fn invalid_redrive(value: &str, reason: &str) -> Error {
    Error::InvalidParameterValue(format!(
        "Value {value} for parameter RedrivePolicy is invalid. Reason: {reason}"
    ))
}

fn redrive(value: &str) -> Result<Option<Redrive>, Error> {
    if value.is_empty() {
        return Ok(None);
    }
    let invalid = |reason: &str| invalid_redrive(value, reason);
    let document: BTreeMap<String, Value> = serde_json::from_str(value)
        .map_err(|_| invalid("Redrive policy is not a valid JSON map."))?;
    if let Some(name) = document.keys().find(|n| !REDRIVE_MEMBERS.contains(&n.as_str())) {
        return Err(invalid(&format!("Unknown member {name}.")));
    }
    let member = |name: &str| {
        let missing =
            || invalid(&format!("Redrive policy does not contain mandatory attribute: {name}."));
        document.get(name).ok_or_else(missing)
    };
    let target: Arn = member("deadLetterTargetArn")?
        .as_str()
        .and_then(|text| text.parse().ok())
        .filter(|arn: &Arn| arn.service() == "sqs" && Name::of_arn(arn).is_ok())
        .ok_or_else(|| invalid("Invalid value for deadLetterTargetArn."))?;
    let given = member("maxReceiveCount")?;
    let count = match given {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let max_receive_count = count
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| config::MAX_RECEIVE_COUNT.contains(count))
        .ok_or_else(|| {
            invalid(&format!(
                "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both \
                 inclusive.",
                given.as_str().map_or_else(|| given.to_string(), str::to_owned)
            ))
        })?;
    Ok(Some(Redrive { target, max_receive_count }))
}

const REDRIVE_MEMBERS: [&str; 2] = ["deadLetterTargetArn", "maxReceiveCount"];

fn redrive_allow(value: &str) -> Result<Option<String>, Error> {
    if value.is_empty() {
        return Ok(None);
    }
    let allow: Option<RedriveAllow> = serde_json::from_str(value).ok();
    let valid = allow.is_some_and(|allow| match allow.redrive_permission.as_str() {
        "allowAll" | "denyAll" => allow.source_queue_arns.is_empty(),
        "byQueue" => (1..=10).contains(&allow.source_queue_arns.len()),
        _ => false,
    });
    if valid {
        Ok(Some(value.to_owned()))
    } else {
        Err(Error::InvalidAttributeValue("RedriveAllowPolicy".to_owned()))
    }
}

/// The attributes that `names` asks for; `All` asks for every one that the queue has.
pub(crate) async fn describe(
    tx: &mut Transaction,
    queue: &Queue,
    names: &[String],
    now: Timestamp,
) -> Result<Attributes, Error> {
    let all = names.iter().any(|name| name == "All");
    let wanted = |name: &str| all || names.iter().any(|n| n == name);
    let mut attributes = settings(queue);
    attributes.insert("QueueArn".to_owned(), queue.arn().to_string());
    if COUNTS.iter().any(|name| wanted(name)) {
        let counts = counts(tx, queue, now).await?;
        for (name, count) in COUNTS.iter().zip([counts.ready, counts.in_flight, counts.delayed]) {
            attributes.insert((*name).to_owned(), count.to_string());
        }
    }
    attributes.retain(|name, _| wanted(name));
    Ok(attributes)
}

const COUNTS: [&str; 3] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
];

/// The attributes that are stored.
fn settings(queue: &Queue) -> Attributes {
    let mut attributes: Attributes = [
        ("CreatedTimestamp", queue.created.as_secs()),
        ("LastModifiedTimestamp", queue.modified.as_secs()),
        ("DelaySeconds", u64::from(queue.delay_seconds)),
        ("MaximumMessageSize", u64::from(queue.maximum_message_size)),
        ("MessageRetentionPeriod", u64::from(queue.retention_seconds)),
        ("ReceiveMessageWaitTimeSeconds", u64::from(queue.wait_seconds)),
        ("VisibilityTimeout", u64::from(queue.visibility_seconds)),
    ]
    .map(|(name, number)| (name.to_owned(), number.to_string()))
    .into();
    let encryption = queue.encryption.attributes();
    attributes.extend(encryption.into_iter().map(|(name, value)| (name.to_owned(), value)));
    if let Some(redrive) = &queue.redrive {
        let document = serde_json::json!({
            "deadLetterTargetArn": redrive.target,
            "maxReceiveCount": redrive.max_receive_count,
        });
        attributes.insert("RedrivePolicy".to_owned(), document.to_string());
    }
    if let Some(fifo) = &queue.fifo {
        let scope = if fifo.scope_is_group { "messageGroup" } else { "queue" };
        let limit = if fifo.limit_is_per_group { "perMessageGroupId" } else { "perQueue" };
        let named = [
            ("FifoQueue", "true"),
            ("ContentBasedDeduplication", if fifo.content_based { "true" } else { "false" }),
            ("DeduplicationScope", scope),
            ("FifoThroughputLimit", limit),
        ];
        attributes.extend(named.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    for (name, value) in [("Policy", &queue.policy), ("RedriveAllowPolicy", &queue.redrive_allow)] {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), value.clone());
        }
    }
    attributes
}

/// The first attribute in which two queues differ.
pub(crate) fn difference(one: &Queue, other: &Queue) -> Option<&'static str> {
    let (fifo, others) =
        (one.fifo.clone().unwrap_or_default(), other.fifo.clone().unwrap_or_default());
    let pairs = [
        ("DelaySeconds", one.delay_seconds == other.delay_seconds),
        ("MaximumMessageSize", one.maximum_message_size == other.maximum_message_size),
        ("MessageRetentionPeriod", one.retention_seconds == other.retention_seconds),
        ("ReceiveMessageWaitTimeSeconds", one.wait_seconds == other.wait_seconds),
        ("VisibilityTimeout", one.visibility_seconds == other.visibility_seconds),
        ("Policy", one.policy == other.policy),
        ("SqsManagedSseEnabled", one.encryption == other.encryption),
        ("RedrivePolicy", one.redrive == other.redrive),
        ("RedriveAllowPolicy", one.redrive_allow == other.redrive_allow),
        ("ContentBasedDeduplication", fifo.content_based == others.content_based),
        ("DeduplicationScope", fifo.scope_is_group == others.scope_is_group),
        ("FifoThroughputLimit", fifo.limit_is_per_group == others.limit_is_per_group),
    ];
    pairs.into_iter().find(|(_, equal)| !equal).map(|(name, _)| name)
}

/// Refuses more tags, or longer ones, than a queue can have.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), Error> {
    if tags.len() > config::TAGS {
        return Err(Error::InvalidParameterValue(format!(
            "A queue can have at most {} tags; this would be {}.",
            config::TAGS,
            tags.len()
        )));
    }
    let too_long = |(key, value): &(&String, &String)| {
        !config::TAG_KEY_CHARS.contains(&key.chars().count())
            || value.chars().count() > config::TAG_VALUE_CHARS
    };
    match tags.iter().find(too_long) {
        Some((key, _)) => Err(Error::InvalidParameterValue(format!(
            "The tag {key:?} is invalid: keys have 1 to 128 characters, values up to 256."
        ))),
        None => Ok(()),
    }
}
