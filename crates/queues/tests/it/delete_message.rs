use crate::common::{bodies, counts, create, delete, queues, receive, receive_handle, send};
use serde_json::json;
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_deleted_message_does_not_come_back() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "1"})).await;
        send(&bed, &url, "done").await;
        let handle = receive_handle(&bed, &url).await;
        delete(&bed, &url, &handle).await;
        delete(&bed, &url, &handle).await;
        bed.advance(Duration::from_secs(60));
        assert!(receive(&bed, &url).await.is_empty());
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_handle_works_until_the_message_is_received_again() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "1"})).await;
        send(&bed, &url, "one").await;
        let old = receive_handle(&bed, &url).await;
        bed.advance(Duration::from_secs(1));
        let new = receive_handle(&bed, &url).await;
        delete(&bed, &url, &old).await;
        bed.advance(Duration::from_secs(1));
        assert_eq!(bodies(&receive(&bed, &url).await), ["one"]);
        delete(&bed, &url, &new).await;
        bed.advance(Duration::from_secs(1));
        let newest = receive_handle(&bed, &url).await;
        bed.advance(Duration::from_secs(5));
        delete(&bed, &url, &newest).await;
        assert!(receive(&bed, &url).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_handle_of_another_queue_is_refused() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let other = create(&bed, "other", json!({})).await;
        send(&bed, &url, "mine").await;
        let handle = receive_handle(&bed, &url).await;
        for (url, handle) in [(&other, handle.as_str()), (&url, "no handle")] {
            let input = json!({"QueueUrl": url, "ReceiptHandle": handle});
            let (code, text) = bed.fault("sqs", "DeleteMessage", input).await;
            assert_eq!(code, "ReceiptHandleIsInvalid");
            assert_eq!(text, "The input receipt handle is invalid.");
        }
    })
    .await;
}
