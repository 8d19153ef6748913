use crate::common::{bodies, counts, create, delete, queues, receive, receive_handle, send};
use serde_json::json;
use std::time::Duration;
use testkit::on_every_engine;

#[tokio::test]
async fn a_purge_leaves_nothing_and_stops_nothing() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "1"})).await;
        send(&bed, &url, "in flight").await;
        let handle = receive_handle(&bed, &url).await;
        send(&bed, &url, "ready").await;
        let late = json!({"QueueUrl": url, "MessageBody": "late", "DelaySeconds": 1});
        bed.ok("sqs", "SendMessage", late).await;
        bed.ok("sqs", "PurgeQueue", json!({"QueueUrl": url})).await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        bed.advance(Duration::from_secs(2));
        assert!(receive(&bed, &url).await.is_empty());
        // Who still works on a purged message need not know.
        delete(&bed, &url, &handle).await;
        send(&bed, &url, "new").await;
        assert_eq!(bodies(&receive(&bed, &url).await), ["new"]);
    })
    .await;
}

#[tokio::test]
async fn a_queue_is_purged_at_most_once_a_minute() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({"QueueUrl": url});
        bed.ok("sqs", "PurgeQueue", input.clone()).await;
        bed.advance(Duration::from_millis(59_999));
        let (code, text) = bed.fault("sqs", "PurgeQueue", input.clone()).await;
        assert_eq!(code, "PurgeQueueInProgress");
        assert_eq!(text, "Only one PurgeQueue operation on jobs is allowed every 60 seconds.");
        bed.advance(Duration::from_millis(1));
        bed.ok("sqs", "PurgeQueue", input).await;
    })
    .await;
}
