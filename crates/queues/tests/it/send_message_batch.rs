use crate::common::{batch, bodies, counts, create, queues, receive};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn entry(id: &str, body: &str) -> Value {
    json!({"Id": id, "MessageBody": body})
}

#[tokio::test]
async fn each_entry_is_sent_by_itself() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"MaximumMessageSize": "1024"})).await;
        let mut late = entry("late", "b");
        late["DelaySeconds"] = json!(5);
        let mut negative = entry("negative", "x");
        negative["DelaySeconds"] = json!(901);
        let entries = [
            entry("first", "a"),
            entry("large", &"x".repeat(1_025)),
            entry("empty", ""),
            entry("bell", "\u{7}"),
            late,
            negative,
        ];
        let input = json!({"QueueUrl": url, "Entries": entries});
        let answer = bed.ok("sqs", "SendMessageBatch", input).await;
        let (done, failed) = batch(&answer);
        assert_eq!(done, ["first", "late"]);
        let expected = [
            ("large", "InvalidParameterValue"),
            ("empty", "MissingParameter"),
            ("bell", "InvalidMessageContents"),
            ("negative", "InvalidParameterValue"),
        ];
        assert_eq!(failed, expected);
        assert_eq!(answer["Successful"][0]["MD5OfMessageBody"], "0cc175b9c0f1b6a831c399e269772661");
        assert_eq!(counts(&bed, &url).await, [1, 0, 1]);
        assert_eq!(bodies(&receive(&bed, &url).await), ["a"]);
    })
    .await;
}

/// Also where all of it would be more than a transaction holds.
#[tokio::test]
async fn a_batch_that_is_too_long_leaves_nothing() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for (lengths, sum) in [(vec![1_048_576, 1], 1_048_577), (vec![1_048_576; 10], 10_485_760)] {
            let entries: Vec<Value> = (lengths.iter().enumerate())
                .map(|(n, length)| entry(&n.to_string(), &"x".repeat(*length)))
                .collect();
            let input = json!({"QueueUrl": url, "Entries": entries});
            let (code, text) = bed.fault("sqs", "SendMessageBatch", input).await;
            assert_eq!(code, "BatchRequestTooLong");
            assert_eq!(
                text,
                format!(
                    "Batch requests cannot be longer than 1048576 bytes. You have sent {sum} bytes."
                )
            );
        }
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
    })
    .await;
}
