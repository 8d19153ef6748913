use crate::common::{arn, create, fault, logs, missing_group, ok};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn tags(tags: Value) -> Value {
    json!({"resourceArn": arn("g"), "tags": tags})
}

#[tokio::test]
async fn tags_are_added_and_changed() {
    on_every_engine(logs, async |bed| {
        create(&bed, &[]).await;
        ok(&bed, "TagResource", tags(json!({"a": "1", "b": "2"}))).await;
        ok(&bed, "TagResource", tags(json!({"b": "3"}))).await;
        let answer = ok(&bed, "ListTagsForResource", json!({"resourceArn": arn("g")})).await;
        assert_eq!(answer["tags"], json!({"a": "1", "b": "3"}));
    })
    .await;
}

#[tokio::test]
async fn a_group_has_at_most_fifty_tags_and_none_that_is_reserved() {
    on_memory(logs, async |bed| {
        assert_eq!(fault(&bed, "TagResource", tags(json!({"a": "1"}))).await, missing_group());
        create(&bed, &[]).await;
        let fifty: serde_json::Map<String, Value> =
            (0..50).map(|n| (format!("k{n}"), json!("v"))).collect();
        ok(&bed, "TagResource", tags(Value::Object(fifty))).await;
        let one_more = tags(json!({"one": "more"}));
        let reply = bed.root().json("logs", "TagResource", &one_more).await;
        assert_eq!(reply.fault().0, "TooManyTagsException");
        assert_eq!(reply.json()["resourceName"], arn("g"));
        let reserved = tags(json!({"aws:x": "y"}));
        assert_eq!(fault(&bed, "TagResource", reserved).await.0, "InvalidParameterException");
        let bad = json!({"resourceArn": "queue", "tags": {"a": "b"}});
        assert_eq!(fault(&bed, "TagResource", bad).await.0, "InvalidParameterException");
    })
    .await;
}
