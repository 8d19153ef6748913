//! What these tests share.

use clock::Ids;
use kv::{KeyBuilder, Scan, Tag};
use queues::Parts;
use serde_json::{Value, json};
use service::{Definition, Platform, tag};
use std::sync::Arc;
use testkit::Bed;

pub(crate) fn queues(platform: &Arc<Platform>) -> Vec<Definition> {
    with_in_flight(platform, queues::config::IN_FLIGHT_MESSAGES)
}

/// Queues of which at most so many messages may be in flight.
pub(crate) fn with_in_flight(platform: &Platform, messages: u64) -> Vec<Definition> {
    let parts = Parts { ids: Ids::from_seed(5), master_key: [7; 32], in_flight_messages: messages };
    vec![queues::definition(platform, parts)]
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{}:{}:{name}", testkit::REGION, testkit::ACCOUNT)
}

/// Creates a queue; the answer is its URL.
pub(crate) async fn create(bed: &Bed, name: &str, attributes: Value) -> String {
    let input = json!({"QueueName": name, "Attributes": attributes});
    let answer = bed.ok("sqs", "CreateQueue", input).await;
    answer["QueueUrl"].as_str().expect("a URL").to_owned()
}

/// Creates a queue whose messages go to `dead` after `receives` receives.
pub(crate) async fn create_with_dead_letters(
    bed: &Bed,
    name: &str,
    dead: &str,
    receives: u32,
) -> String {
    let redrive = json!({"deadLetterTargetArn": arn(dead), "maxReceiveCount": receives});
    let attributes = json!({"VisibilityTimeout": "1", "RedrivePolicy": redrive.to_string()});
    create(bed, name, attributes).await
}

pub(crate) async fn send(bed: &Bed, url: &str, body: &str) {
    bed.ok("sqs", "SendMessage", json!({"QueueUrl": url, "MessageBody": body})).await;
}

/// Receives up to ten messages.
pub(crate) async fn receive(bed: &Bed, url: &str) -> Vec<Value> {
    receive_with(bed, url, json!({})).await
}

/// Receives up to ten messages, with these parameters too.
pub(crate) async fn receive_with(bed: &Bed, url: &str, parameters: Value) -> Vec<Value> {
    let mut input = json!({
        "QueueUrl": url,
        "MaxNumberOfMessages": 10,
        "MessageSystemAttributeNames": ["All"],
    });
    for (name, value) in parameters.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    let answer = bed.ok("sqs", "ReceiveMessage", input).await;
    answer["Messages"].as_array().cloned().unwrap_or_default()
}

/// Receives the only message there is; the answer is its receipt handle.
pub(crate) async fn receive_handle(bed: &Bed, url: &str) -> String {
    let messages = receive(bed, url).await;
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages[0]["ReceiptHandle"].as_str().expect("a handle").to_owned()
}

pub(crate) async fn delete(bed: &Bed, url: &str, handle: &str) {
    bed.ok("sqs", "DeleteMessage", json!({"QueueUrl": url, "ReceiptHandle": handle})).await;
}

/// Attributes of a queue.
pub(crate) async fn attributes(bed: &Bed, url: &str, names: &[&str]) -> Value {
    let input = json!({"QueueUrl": url, "AttributeNames": names});
    bed.ok("sqs", "GetQueueAttributes", input).await["Attributes"].clone()
}

/// How many messages are ready, in flight and delayed.
pub(crate) async fn counts(bed: &Bed, url: &str) -> [u64; 3] {
    let attributes = attributes(bed, url, &["All"]).await;
    ["", "NotVisible", "Delayed"].map(|what| {
        let count = attributes[format!("ApproximateNumberOfMessages{what}")].as_str();
        count.expect("a count").parse().expect("a number")
    })
}

/// The bodies of messages, sorted.
pub(crate) fn bodies(messages: &[Value]) -> Vec<&str> {
    let mut bodies: Vec<&str> = messages.iter().filter_map(|m| m["Body"].as_str()).collect();
    bodies.sort_unstable();
    bodies
}

/// The ids of the entries that a batch did, and ids and codes of those that failed.
pub(crate) fn batch(answer: &Value) -> (Vec<&str>, Vec<(&str, &str)>) {
    let list = |name: &str| answer[name].as_array().expect("a list");
    let done = list("Successful").iter().filter_map(|entry| entry["Id"].as_str()).collect();
    let failed = list("Failed").iter();
    let failed = failed.filter_map(|e| Some((e["Id"].as_str()?, e["Code"].as_str()?))).collect();
    (done, failed)
}

/// Where messages lie in the store, read from its keys alone: an account of its own of the layout
/// that `keys.rs` describes.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// All keys but those of queues.
    pub(crate) keys: usize,
    pub(crate) bodies: usize,
    /// The ids of messages.
    pub(crate) ready: Vec<[u8; 16]>,
    pub(crate) hidden: Vec<[u8; 16]>,
    pub(crate) flights: Vec<[u8; 16]>,
    /// The sum of the counts.
    pub(crate) total: i64,
}

pub(crate) async fn places(bed: &Bed) -> Places {
    let mut places = Places::default();
    let mut tx = bed.platform.store.begin();
    for offset in 1..=14 {
        let range = KeyBuilder::new(Tag(tag::QUEUES + offset)).range();
        for entry in tx.scan(&range, Scan::first(usize::MAX).snapshot()).await.expect("a scan") {
            places.keys += 1;
            let end = entry.key.len() - 16;
            let id = || entry.key[end..].try_into().expect("an id");
            match offset {
                1 => places.bodies += 1,
                2 => {
                    let place: Value = serde_json::from_slice(&entry.value[1..]).expect("a place");
                    let id = serde_json::from_value(place["id"].clone());
                    places.ready.push(id.expect("an id"));
                }
                3 => places.hidden.push(id()),
                4 => places.flights.push(id()),
                5 => {
                    places.total += i64::from_le_bytes(entry.value[..].try_into().expect("a count"))
                }
                _ => {}
            }
        }
    }
    places
}
