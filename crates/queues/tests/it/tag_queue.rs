use crate::common::{create, queues};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_tag_of_the_same_key_is_replaced() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for tags in [json!({"team": "blue", "stage": "test"}), json!({"team": "red"})] {
            bed.ok("sqs", "TagQueue", json!({"QueueUrl": url, "Tags": tags})).await;
        }
        let tags = bed.ok("sqs", "ListQueueTags", json!({"QueueUrl": url})).await;
        assert_eq!(tags["Tags"], json!({"team": "red", "stage": "test"}));
    })
    .await;
}

#[tokio::test]
async fn a_queue_has_at_most_50_tags_of_bounded_length() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let many =
            |n: usize| -> Value { (0..n).map(|n| (format!("{n:02}"), json!("x"))).collect() };
        // Characters, not bytes.
        let longest = json!({"ü".repeat(128): "ü".repeat(256)});
        bed.ok("sqs", "TagQueue", json!({"QueueUrl": url, "Tags": longest})).await;
        bed.ok("sqs", "TagQueue", json!({"QueueUrl": url, "Tags": many(49)})).await;
        for tags in [
            many(50),
            json!({"": "x"}),
            json!({"k".repeat(129): "x"}),
            json!({"k": "v".repeat(257)}),
        ] {
            let (code, _) =
                bed.fault("sqs", "TagQueue", json!({"QueueUrl": url, "Tags": tags})).await;
            assert_eq!(code, "InvalidParameterValue");
        }
    })
    .await;
}
