use crate::common::{attributes, counts, create, queues, receive_with, send};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn messages_are_counted_where_they_are() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
        for body in ["a", "b", "c"] {
            send(&bed, &url, body).await;
        }
        let late = json!({"QueueUrl": url, "MessageBody": "d", "DelaySeconds": 40});
        bed.ok("sqs", "SendMessage", late).await;
        receive_with(&bed, &url, json!({"MaxNumberOfMessages": 1})).await;
        assert_eq!(counts(&bed, &url).await, [2, 1, 1]);
        bed.advance(Duration::from_secs(30));
        assert_eq!(counts(&bed, &url).await, [3, 0, 1]);
        bed.advance(Duration::from_secs(10));
        assert_eq!(counts(&bed, &url).await, [4, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn only_the_attributes_that_are_asked_for_are_told() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let names = ["VisibilityTimeout", "Policy"];
        assert_eq!(attributes(&bed, &url, &names).await, json!({"VisibilityTimeout": "30"}));
        assert_eq!(attributes(&bed, &url, &[]).await, Value::Null);
        let input = json!({"QueueUrl": url, "AttributeNames": ["Colour"]});
        let fault = bed.fault("sqs", "GetQueueAttributes", input).await;
        assert_eq!(fault.0, "InvalidAttributeName");
        assert_eq!(fault.1, "Unknown Attribute Colour.");
    })
    .await;
}
