//! What these tests share.

use clock::Ids;
use serde_json::{Value, json};
use service::{Definition, Platform};
use std::sync::Arc;
use testkit::Bed;

pub(crate) fn queues(_: &Arc<Platform>) -> Vec<Definition> {
    vec![queues::definition(Ids::from_seed(5))]
}

/// Creates a queue; the answer is its URL.
pub(crate) async fn create(bed: &Bed, name: &str, attributes: Value) -> String {
    let input = json!({"QueueName": name, "Attributes": attributes});
    let answer = bed.ok("sqs", "CreateQueue", input).await;
    answer["QueueUrl"].as_str().expect("a URL").to_owned()
}

pub(crate) async fn send(bed: &Bed, url: &str, body: &str) {
    bed.ok("sqs", "SendMessage", json!({"QueueUrl": url, "MessageBody": body})).await;
}

/// Receives up to ten messages.
pub(crate) async fn receive(bed: &Bed, url: &str) -> Vec<Value> {
    let input = json!({
        "QueueUrl": url,
        "MaxNumberOfMessages": 10,
        "MessageSystemAttributeNames": ["All"],
    });
    let answer = bed.ok("sqs", "ReceiveMessage", input).await;
    answer["Messages"].as_array().cloned().unwrap_or_default()
}

/// The bodies of messages, sorted.
pub(crate) fn bodies(messages: &[Value]) -> Vec<&str> {
    let mut bodies: Vec<&str> = messages.iter().filter_map(|m| m["Body"].as_str()).collect();
    bodies.sort_unstable();
    bodies
}
