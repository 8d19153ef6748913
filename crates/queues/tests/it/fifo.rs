//! FIFO queues: order in groups, duplicates, locks.

use crate::common::{
    arn, attributes, batch, counts, create, delete, queues, receive, receive_with, with_in_flight,
};
use clock::Clock;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use testkit::{Bed, on_every_engine, on_memory};

/// Creates a FIFO queue with these attributes too.
pub(crate) async fn create_fifo(bed: &Bed, name: &str, attributes: Value) -> String {
    let mut all = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    for (name, value) in attributes.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    create(bed, name, all).await
}

pub(crate) async fn send(bed: &Bed, url: &str, group: &str, body: &str) -> Value {
    let input = json!({"QueueUrl": url, "MessageBody": body, "MessageGroupId": group});
    bed.ok("sqs", "SendMessage", input).await
}

fn listed(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["Body"].as_str()).collect()
}

fn handle(message: &Value) -> &str {
    message["ReceiptHandle"].as_str().expect("a handle")
}

async fn hide(bed: &Bed, url: &str, handle: &str, seconds: u32) {
    let input = json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": seconds});
    bed.ok("sqs", "ChangeMessageVisibility", input).await;
}

#[tokio::test]
async fn a_group_comes_in_order_and_waits_while_messages_of_it_are_in_flight() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        let mut last = String::new();
        for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a3")] {
            let sent = send(&bed, &url, group, body).await;
            let sequence = sent["SequenceNumber"].as_str().expect("a number").to_owned();
            assert_eq!(sequence.len(), 20);
            assert!(sequence > last, "{sequence} is not behind {last}");
            last = sequence;
        }
        assert_eq!(counts(&bed, &url).await, [4, 0, 0]);
        let first = receive_with(&bed, &url, json!({"MaxNumberOfMessages": 2})).await;
        assert_eq!(listed(&first), ["a1", "a2"]);
        assert_eq!(first[0]["Attributes"]["MessageGroupId"], "a");
        let second = receive(&bed, &url).await;
        assert_eq!(listed(&second), ["b1"]);
        assert!(receive(&bed, &url).await.is_empty(), "a is locked");
        assert_eq!(counts(&bed, &url).await, [1, 3, 0]);
        delete(&bed, &url, handle(&first[0])).await;
        assert!(receive(&bed, &url).await.is_empty(), "a2 is in flight");
        bed.advance(Duration::from_secs(30));
        let third = receive(&bed, &url).await;
        let mut bodies = listed(&third);
        bodies.sort_unstable();
        assert_eq!(bodies, ["a2", "a3", "b1"]);
        let of_a: Vec<&Value> =
            third.iter().filter(|m| m["Attributes"]["MessageGroupId"] == "a").collect();
        assert_eq!((&of_a[0]["Body"], &of_a[1]["Body"]), (&json!("a2"), &json!("a3")));
        assert_eq!(of_a[0]["Attributes"]["ApproximateReceiveCount"], "2");
        assert_eq!(of_a[1]["Attributes"]["SequenceNumber"], last);
        for message in &third {
            delete(&bed, &url, handle(message)).await;
        }
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        send(&bed, &url, "a", "a4").await;
        assert_eq!(listed(&receive(&bed, &url).await), ["a4"]);
    })
    .await;
}

#[tokio::test]
async fn a_duplicate_is_answered_with_the_first_message_for_five_minutes() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        let first = send(&bed, &url, "a", "x").await;
        let message = receive(&bed, &url).await.remove(0);
        assert_eq!(
            message["Attributes"]["MessageDeduplicationId"],
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        );
        delete(&bed, &url, handle(&message)).await;
        bed.advance(Duration::from_secs(299));
        let again = send(&bed, &url, "b", "x").await;
        assert_eq!(again, first);
        let input = json!({
            "QueueUrl": url, "MessageBody": "x", "MessageGroupId": "a", "MessageDeduplicationId": "1",
        });
        let other = bed.ok("sqs", "SendMessage", input).await;
        assert_ne!(other["MessageId"], first["MessageId"]);
        assert_eq!(counts(&bed, &url).await, [1, 0, 0]);
        bed.advance(Duration::from_secs(1));
        let late = send(&bed, &url, "a", "x").await;
        assert_ne!(late["MessageId"], first["MessageId"]);
        assert_eq!(send(&bed, &url, "a", "x").await, late);
        assert_eq!(counts(&bed, &url).await, [2, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn duplicates_of_one_batch_and_of_senders_side_by_side_are_one_message() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        let entry =
            |id: &str, body: &str| json!({"Id": id, "MessageBody": body, "MessageGroupId": "g"});
        let entries = [entry("1", "x"), entry("2", "y"), entry("3", "x")];
        let answer =
            bed.ok("sqs", "SendMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
        assert_eq!(batch(&answer), (vec!["1", "2", "3"], vec![]));
        let done = answer["Successful"].as_array().expect("a list");
        assert_eq!(done[0]["MessageId"], done[2]["MessageId"]);
        assert_eq!(done[0]["SequenceNumber"], done[2]["SequenceNumber"]);
        assert!(done[0]["SequenceNumber"].as_str() < done[1]["SequenceNumber"].as_str());
        let sends = (0..8).map(|_| send(&bed, &url, "g", "same"));
        let ids: BTreeSet<String> =
            join_all(sends).await.into_iter().map(|sent| sent.to_string()).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(listed(&receive(&bed, &url).await), ["x", "y", "same"]);
    })
    .await;
}

#[tokio::test]
async fn a_batch_in_which_an_id_is_missing_fails_as_a_whole() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs.fifo", json!({"FifoQueue": "true"})).await;
        let good = json!({"Id": "1", "MessageBody": "x", "MessageGroupId": "g",
            "MessageDeduplicationId": "1"});
        let no_group = json!({"Id": "2", "MessageBody": "y", "MessageDeduplicationId": "2"});
        let no_id = json!({"Id": "2", "MessageBody": "y", "MessageGroupId": "g"});
        for (bad, expected) in [(no_group, "MissingParameter"), (no_id, "InvalidParameterValue")] {
            let input = json!({"QueueUrl": url, "Entries": [good, bad]});
            let (code, message) = bed.fault("sqs", "SendMessageBatch", input).await;
            assert_eq!(code, expected, "{message}");
            assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        }
    })
    .await;
}

#[tokio::test]
async fn duplicates_can_be_those_of_one_group_only() {
    on_memory(queues, async |bed| {
        let attributes = json!({
            "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
        });
        let url = create_fifo(&bed, "jobs.fifo", attributes).await;
        let one = send(&bed, &url, "a", "x").await;
        assert_ne!(send(&bed, &url, "b", "x").await["MessageId"], one["MessageId"]);
        assert_eq!(send(&bed, &url, "a", "x").await, one);
        assert_eq!(counts(&bed, &url).await, [2, 0, 0]);
    })
    .await;
}

/// Codes and texts: LocalStack's validated tests.
#[tokio::test]
async fn what_a_fifo_queue_does_not_take_is_refused() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs.fifo", json!({"FifoQueue": "true"})).await;
        let standard = create(&bed, "jobs", json!({})).await;
        let long = "x".repeat(129);
        let queue_type = "The request include parameter that is not valid for this queue type";
        let cases = [
            (json!({}), "MissingParameter", "The request must contain the parameter MessageGroupId."),
            (
                json!({"MessageGroupId": "g"}),
                "InvalidParameterValue",
                "The queue should either have ContentBasedDeduplication enabled or \
                 MessageDeduplicationId provided explicitly",
            ),
            (json!({"MessageGroupId": "a b"}), "InvalidParameterValue", "punctuation"),
            (json!({"MessageGroupId": ""}), "InvalidParameterValue", "1 to 128 in length"),
            (json!({"MessageGroupId": "g", "MessageDeduplicationId": long}), "InvalidParameterValue", "1 to 128"),
            (
                json!({"MessageGroupId": "g", "MessageDeduplicationId": "1", "DelaySeconds": 5}),
                "InvalidParameterValue",
                "Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter",
            ),
            (
                json!({"QueueUrl": standard, "MessageDeduplicationId": "1"}),
                "InvalidParameterValue",
                queue_type,
            ),
        ];
        for (more, code, text) in cases {
            let mut input = json!({"QueueUrl": url, "MessageBody": "x"});
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let (found, message) = bed.fault("sqs", "SendMessage", input).await;
            assert_eq!(found, code, "{message}");
            assert!(message.contains(text), "{message}");
        }
        let zero = json!({"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "g",
            "MessageDeduplicationId": "1", "DelaySeconds": 0});
        bed.ok("sqs", "SendMessage", zero).await;
        let input = json!({"QueueUrl": standard, "ReceiveRequestAttemptId": "1"});
        let (code, message) = bed.fault("sqs", "ReceiveMessage", input).await;
        assert_eq!(code, "InvalidParameterValue");
        assert!(message.ends_with(queue_type), "{message}");
        // Fair queues: a group of a standard queue is told, and orders nothing.
        let input = json!({"QueueUrl": standard, "MessageBody": "x", "MessageGroupId": "g"});
        bed.ok("sqs", "SendMessage", input).await;
        assert_eq!(receive(&bed, &standard).await[0]["Attributes"]["MessageGroupId"], "g");
    })
    .await;
}

#[tokio::test]
async fn names_and_attributes_fit_the_type_of_the_queue() {
    on_memory(queues, async |bed| {
        let fifo = |more: Value| {
            let mut all = json!({"FifoQueue": "true"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let long = format!("{}.fifo", "x".repeat(76));
        let cases = [
            ("a.fifo", json!({}), "InvalidParameterValue"),
            ("a", fifo(json!({})), "InvalidParameterValue"),
            (".fifo", fifo(json!({})), "InvalidParameterValue"),
            (&long, fifo(json!({})), "InvalidParameterValue"),
            (
                "a.fifo",
                fifo(json!({"ContentBasedDeduplication": "maybe"})),
                "InvalidAttributeValue",
            ),
            ("a.fifo", fifo(json!({"DeduplicationScope": "all"})), "InvalidAttributeValue"),
            ("a.fifo", fifo(json!({"FifoThroughputLimit": "none"})), "InvalidAttributeValue"),
            (
                "a.fifo",
                fifo(json!({"FifoThroughputLimit": "perMessageGroupId"})),
                "InvalidAttributeValue",
            ),
        ];
        for (name, attributes, expected) in cases {
            let input = json!({"QueueName": name, "Attributes": attributes});
            let (code, text) = bed.fault("sqs", "CreateQueue", input).await;
            assert_eq!(code, expected, "{name} {attributes}: {text}");
        }
        let url = create(&bed, "a.fifo", fifo(json!({}))).await;
        let names =
            ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
        let found = attributes(&bed, &url, &names).await;
        let expected = json!({"FifoQueue": "true", "ContentBasedDeduplication": "false",
            "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"});
        assert_eq!(found, expected);
        assert_eq!(create(&bed, "a.fifo", fifo(json!({}))).await, url);
        let other = json!({"QueueName": "a.fifo",
            "Attributes": fifo(json!({"ContentBasedDeduplication": "true"}))});
        assert_eq!(bed.fault("sqs", "CreateQueue", other).await.0, "QueueNameExists");
        let set = |value: &str| json!({"QueueUrl": url, "Attributes": {"FifoQueue": value}});
        bed.ok("sqs", "SetQueueAttributes", set("true")).await;
        let (code, text) = bed.fault("sqs", "SetQueueAttributes", set("false")).await;
        assert_eq!(code, "InvalidAttributeValue");
        assert!(text.contains("Modifying queue type is not supported"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_handle_ends_with_its_visibility_timeout() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({"VisibilityTimeout": "10"})).await;
        send(&bed, &url, "a", "1").await;
        let old = receive(&bed, &url).await.remove(0);
        bed.advance(Duration::from_secs(10));
        let input = json!({"QueueUrl": url, "ReceiptHandle": handle(&old)});
        let (code, text) = bed.fault("sqs", "DeleteMessage", input.clone()).await;
        assert_eq!(code, "InvalidParameterValue");
        assert!(text.ends_with("Reason: The receipt handle has expired."), "{text}");
        let new = receive(&bed, &url).await.remove(0);
        assert_eq!(
            bed.fault("sqs", "DeleteMessage", input.clone()).await.0,
            "InvalidParameterValue"
        );
        delete(&bed, &url, handle(&new)).await;
        // It is gone, whoever asks.
        delete(&bed, &url, handle(&new)).await;
        delete(&bed, &url, handle(&old)).await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_made_visible_waits_for_those_received_with_it() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        for body in ["1", "2", "3"] {
            send(&bed, &url, "a", body).await;
        }
        let got = receive_with(&bed, &url, json!({"MaxNumberOfMessages": 2})).await;
        hide(&bed, &url, handle(&got[0]), 0).await;
        assert!(receive(&bed, &url).await.is_empty(), "2 is in flight");
        hide(&bed, &url, handle(&got[1]), 100).await;
        bed.advance(Duration::from_secs(99));
        assert!(receive(&bed, &url).await.is_empty(), "2 is still in flight");
        delete(&bed, &url, handle(&got[1])).await;
        assert_eq!(listed(&receive(&bed, &url).await), ["1", "3"]);
    })
    .await;
}

#[tokio::test]
async fn a_receive_is_tried_again_under_its_id() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        for body in ["1", "2", "3"] {
            send(&bed, &url, "a", body).await;
        }
        let attempt = json!({"MaxNumberOfMessages": 2, "ReceiveRequestAttemptId": "try"});
        let first = receive_with(&bed, &url, attempt.clone()).await;
        assert_eq!(listed(&first), ["1", "2"]);
        bed.advance(Duration::from_secs(20));
        assert_eq!(receive_with(&bed, &url, attempt.clone()).await, first);
        // Its time began anew.
        bed.advance(Duration::from_secs(20));
        assert!(receive(&bed, &url).await.is_empty());
        delete(&bed, &url, handle(&first[0])).await;
        // One is changed: this is another receive.
        assert!(receive_with(&bed, &url, attempt.clone()).await.is_empty());
        bed.advance(Duration::from_secs(30));
        assert_eq!(listed(&receive_with(&bed, &url, attempt.clone()).await), ["2", "3"]);
        bed.advance(Duration::from_secs(30));
        let third = receive_with(&bed, &url, attempt).await;
        assert_eq!(third[0]["Attributes"]["ApproximateReceiveCount"], "3");
    })
    .await;
}

#[tokio::test]
async fn a_delay_counts_for_messages_that_are_there() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({"DelaySeconds": "60"})).await;
        send(&bed, &url, "a", "1").await;
        bed.advance(Duration::from_secs(30));
        send(&bed, &url, "a", "2").await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 2]);
        bed.advance(Duration::from_secs(29));
        assert!(receive(&bed, &url).await.is_empty());
        bed.advance(Duration::from_secs(1));
        let one = receive(&bed, &url).await;
        assert_eq!(listed(&one), ["1"]);
        assert_eq!(counts(&bed, &url).await, [0, 1, 1]);
        delete(&bed, &url, handle(&one[0])).await;
        assert!(receive(&bed, &url).await.is_empty());
        let set = |delay: &str| json!({"QueueUrl": url, "Attributes": {"DelaySeconds": delay}});
        bed.ok("sqs", "SetQueueAttributes", set("10")).await;
        let two = receive(&bed, &url).await;
        assert_eq!(listed(&two), ["2"]);
        delete(&bed, &url, handle(&two[0])).await;
        bed.ok("sqs", "SetQueueAttributes", set("0")).await;
        send(&bed, &url, "a", "3").await;
        bed.ok("sqs", "SetQueueAttributes", set("60")).await;
        // The second was sent as lately, and is deleted.
        assert_eq!(counts(&bed, &url).await, [0, 0, 1]);
        assert!(receive(&bed, &url).await.is_empty());
        bed.advance(Duration::from_secs(60));
        assert_eq!(listed(&receive(&bed, &url).await), ["3"]);
    })
    .await;
}

#[tokio::test]
async fn dead_letters_keep_their_order_in_a_fifo_queue() {
    on_every_engine(queues, async |bed| {
        let dead = create_fifo(&bed, "dead.fifo", json!({})).await;
        create(&bed, "dead", json!({})).await;
        let redrive = |name: &str| {
            json!({"deadLetterTargetArn": arn(name), "maxReceiveCount": 1}).to_string()
        };
        let input = json!({"QueueName": "jobs.fifo", "Attributes": {
            "FifoQueue": "true", "RedrivePolicy": redrive("dead")}});
        let (code, text) = bed.fault("sqs", "CreateQueue", input).await;
        assert_eq!(code, "InvalidParameterValue");
        assert!(
            text.contains("Dead-letter queue must be same type of queue as the source."),
            "{text}"
        );
        let attributes = json!({"VisibilityTimeout": "1", "RedrivePolicy": redrive("dead.fifo")});
        let url = create_fifo(&bed, "jobs.fifo", attributes).await;
        for body in ["1", "2", "3"] {
            send(&bed, &url, "a", body).await;
        }
        let got = receive_with(&bed, &url, json!({"MaxNumberOfMessages": 2})).await;
        assert_eq!(listed(&got), ["1", "2"]);
        bed.advance(Duration::from_secs(1));
        assert_eq!(listed(&receive(&bed, &url).await), ["3"]);
        let letters = receive(&bed, &dead).await;
        assert_eq!(listed(&letters), ["1", "2"]);
        let attributes = &letters[0]["Attributes"];
        assert_eq!(attributes["MessageGroupId"], "a");
        assert_eq!(attributes["DeadLetterQueueSourceArn"], arn("jobs.fifo"));
        assert_eq!(attributes["SentTimestamp"], bed.clock.now().as_millis().to_string());
        assert_eq!(letters[0]["MessageId"], got[0]["MessageId"]);
        assert_eq!(counts(&bed, &url).await, [0, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_purge_forgets_messages_and_duplicates() {
    on_every_engine(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        let first = send(&bed, &url, "a", "1").await;
        receive(&bed, &url).await;
        bed.ok("sqs", "PurgeQueue", json!({"QueueUrl": url})).await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        assert_ne!(send(&bed, &url, "a", "1").await["MessageId"], first["MessageId"]);
        assert_eq!(listed(&receive(&bed, &url).await), ["1"]);
    })
    .await;
}

/// "Amazon SQS FIFO queue quotas": no error.
#[tokio::test]
async fn only_so_many_messages_of_a_fifo_queue_may_be_in_flight() {
    on_memory(
        |platform| with_in_flight(platform, 3),
        async |bed| {
            let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
            for n in 0..5 {
                send(&bed, &url, &format!("g{n}"), &n.to_string()).await;
            }
            let got = receive(&bed, &url).await;
            assert_eq!(got.len(), 3);
            assert!(receive(&bed, &url).await.is_empty());
            delete(&bed, &url, handle(&got[0])).await;
            bed.advance(Duration::from_secs(2));
            assert_eq!(receive(&bed, &url).await.len(), 1);
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_waiting_receiver_gets_the_next_of_a_group_when_it_is_released() {
    on_memory(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        send(&bed, &url, "a", "1").await;
        send(&bed, &url, "a", "2").await;
        let one = receive_with(&bed, &url, json!({"MaxNumberOfMessages": 1})).await;
        let receiver = {
            let (bed, url) = (bed.clone(), url.clone());
            tokio::spawn(
                async move { receive_with(&bed, &url, json!({"WaitTimeSeconds": 20})).await },
            )
        };
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!receiver.is_finished());
        delete(&bed, &url, handle(&one[0])).await;
        assert_eq!(listed(&receiver.await.expect("an answer")), ["2"]);
    })
    .await;
}

#[tokio::test]
async fn the_query_protocol_carries_what_fifo_queues_add() {
    on_memory(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
        let version = ("Version", "2012-11-05");
        let queue = ("QueueUrl", url.as_str());
        let send = [
            ("Action", "SendMessage"),
            version,
            queue,
            ("MessageBody", "x"),
            ("MessageGroupId", "g"),
            ("MessageDeduplicationId", "1"),
        ];
        let reply = bed.root().query("sqs", &send).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(reply.text().contains("<SequenceNumber>1000000000"), "{}", reply.text());
        let receive = [
            ("Action", "ReceiveMessage"),
            version,
            queue,
            ("AttributeName.1", "All"),
            ("ReceiveRequestAttemptId", "try"),
        ];
        let reply = bed.root().query("sqs", &receive).await;
        for name in ["SequenceNumber", "MessageGroupId", "MessageDeduplicationId"] {
            assert!(reply.text().contains(&format!("<Name>{name}</Name>")), "{}", reply.text());
        }
    })
    .await;
}
