use crate::common::{counts, create, queues, receive, receive_handle, send};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn a_queue_is_gone_with_its_messages_and_a_new_one_of_its_name_is_empty() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        send(&bed, &url, "old").await;
        let handle = receive_handle(&bed, &url).await;
        send(&bed, &url, "old too").await;
        bed.ok("sqs", "DeleteQueue", json!({"QueueUrl": url})).await;
        let input = json!({"QueueUrl": url});
        let (code, _) = bed.fault("sqs", "ReceiveMessage", input.clone()).await;
        assert_eq!(code, "QueueDoesNotExist");
        assert_eq!(bed.fault("sqs", "DeleteQueue", input).await.0, "QueueDoesNotExist");
        create(&bed, "jobs", json!({})).await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        assert!(receive(&bed, &url).await.is_empty());
        let input = json!({"QueueUrl": url, "ReceiptHandle": handle});
        assert_eq!(bed.fault("sqs", "DeleteMessage", input).await.0, "ReceiptHandleIsInvalid");
    })
    .await;
}
