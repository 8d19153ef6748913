use crate::common::{batch, bodies, create, queues, receive, send};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::on_every_engine;

#[tokio::test]
async fn each_entry_changes_by_itself() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
        for body in ["a", "b"] {
            send(&bed, &url, body).await;
        }
        let received = receive(&bed, &url).await;
        let handle = |body: &str| {
            let message = received.iter().find(|message| message["Body"] == body);
            message.expect("a message")["ReceiptHandle"].clone()
        };
        let entry = |id: &str, handle: Value, seconds: u32| {
            json!({"Id": id, "ReceiptHandle": handle, "VisibilityTimeout": seconds})
        };
        let entries = [
            entry("soon", handle("a"), 0),
            entry("late", handle("b"), 60),
            entry("bad", json!("none of ours"), 5),
            entry("long", handle("b"), 43_201),
        ];
        let input = json!({"QueueUrl": url, "Entries": entries});
        let answer = bed.ok("sqs", "ChangeMessageVisibilityBatch", input).await;
        let (done, failed) = batch(&answer);
        assert_eq!(done, ["soon", "late"]);
        let expected = [("bad", "ReceiptHandleIsInvalid"), ("long", "InvalidParameterValue")];
        assert_eq!(failed, expected);
        assert_eq!(bodies(&receive(&bed, &url).await), ["a"]);
        bed.advance(Duration::from_secs(60));
        assert_eq!(bodies(&receive(&bed, &url).await), ["a", "b"]);
    })
    .await;
}
