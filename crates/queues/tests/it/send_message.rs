use crate::common::{bodies, create, queues, receive, send};
use serde_json::json;
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_sent_message_is_received_with_its_checksums() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({
            "QueueUrl": url,
            "MessageBody": "hello",
            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1"}},
        });
        let sent = bed.ok("sqs", "SendMessage", input).await;
        assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
        let received = receive(&bed, &url).await;
        assert_eq!(bodies(&received), ["hello"]);
        assert_eq!(received[0]["MessageId"], sent["MessageId"]);
        assert_eq!(received[0]["MD5OfBody"], sent["MD5OfMessageBody"]);
        assert_eq!(received[0]["Attributes"]["ApproximateReceiveCount"], "1");
    })
    .await;
}

#[tokio::test]
async fn a_delayed_message_appears_after_its_delay() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"DelaySeconds": "5"})).await;
        send(&bed, &url, "late").await;
        bed.advance(Duration::from_millis(4_999));
        assert!(receive(&bed, &url).await.is_empty());
        bed.advance(Duration::from_millis(1));
        assert_eq!(bodies(&receive(&bed, &url).await), ["late"]);
    })
    .await;
}

/// Text as SQS answers it.
#[tokio::test]
async fn a_queue_that_does_not_exist_is_told_in_both_protocols() {
    on_memory(queues, async |bed| {
        let url = "http://127.0.0.1:4566/000000000000/none";
        let input = json!({"QueueUrl": url, "MessageBody": "x"});
        let reply = bed.root().json("sqs", "SendMessage", &input).await;
        assert_eq!(reply.status, 400);
        assert_eq!(
            reply.headers["x-amzn-query-error"],
            "AWS.SimpleQueueService.NonExistentQueue;Sender"
        );
        assert_eq!(reply.fault().0, "QueueDoesNotExist");
        let parameters = [
            ("Action", "SendMessage"),
            ("Version", "2012-11-05"),
            ("QueueUrl", url),
            ("MessageBody", "x"),
        ];
        let reply = bed.root().query("sqs", &parameters).await;
        assert_eq!(
            reply.fault(),
            (
                "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
                "The specified queue does not exist.".to_owned()
            )
        );
    })
    .await;
}

#[tokio::test]
async fn characters_that_xml_does_not_allow_are_refused() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({"QueueUrl": url, "MessageBody": "a\u{b}"});
        assert_eq!(bed.fault("sqs", "SendMessage", input).await.0, "InvalidMessageContents");
    })
    .await;
}

#[tokio::test]
async fn what_fifo_queues_know_is_refused_by_name() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({"QueueUrl": url, "MessageBody": "a", "MessageDeduplicationId": "1"});
        let (code, message) = bed.fault("sqs", "SendMessage", input).await;
        assert_eq!(code, "UnsupportedOperation");
        assert_eq!(
            message,
            "Pileus does not support parameter MessageDeduplicationId of SendMessage."
        );
    })
    .await;
}
