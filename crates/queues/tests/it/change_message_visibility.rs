use crate::common::{bodies, counts, create, delete, queues, receive, receive_handle, send};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

fn input(url: &str, handle: &str, seconds: u32) -> Value {
    json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": seconds})
}

#[tokio::test]
async fn the_time_counts_from_the_change() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
        send(&bed, &url, "long").await;
        let handle = receive_handle(&bed, &url).await;
        bed.advance(Duration::from_secs(20));
        bed.ok("sqs", "ChangeMessageVisibility", input(&url, &handle, 60)).await;
        bed.advance(Duration::from_millis(59_999));
        assert!(receive(&bed, &url).await.is_empty());
        bed.advance(Duration::from_millis(1));
        assert_eq!(bodies(&receive(&bed, &url).await), ["long"]);
    })
    .await;
}

#[tokio::test]
async fn zero_gives_the_message_back_at_once() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        send(&bed, &url, "back").await;
        let handle = receive_handle(&bed, &url).await;
        assert_eq!(counts(&bed, &url).await, [0, 1, 0]);
        bed.ok("sqs", "ChangeMessageVisibility", input(&url, &handle, 0)).await;
        assert_eq!(counts(&bed, &url).await, [1, 0, 0]);
        let again = receive(&bed, &url).await;
        assert_eq!(again[0]["Attributes"]["ApproximateReceiveCount"], "2");
    })
    .await;
}

#[tokio::test]
async fn only_a_message_in_flight_has_a_time_to_change() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
        send(&bed, &url, "x").await;
        let handle = receive_handle(&bed, &url).await;
        let change = async |seconds| {
            bed.fault("sqs", "ChangeMessageVisibility", input(&url, &handle, seconds)).await
        };
        let (code, text) = change(43_201).await;
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(
            text,
            "Value 43201 for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout \
             must be an integer between 0 and 43200."
        );
        bed.advance(Duration::from_secs(1));
        let (code, text) = change(43_200).await;
        assert_eq!(code, "InvalidParameterValue");
        assert!(text.ends_with("is beyond the limit [43200 seconds]"), "{text}");
        bed.advance(Duration::from_secs(29));
        assert_eq!(change(5).await.0, "MessageNotInflight");
        let newer = receive_handle(&bed, &url).await;
        let gone = format!(
            "Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not \
             exist or is not available for visibility timeout change."
        );
        assert_eq!(change(5).await, ("InvalidParameterValue".to_owned(), gone.clone()));
        delete(&bed, &url, &newer).await;
        assert_eq!(change(5).await.1, gone);
    })
    .await;
}
