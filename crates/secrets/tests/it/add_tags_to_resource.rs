use crate::common::{code, ok, put, secrets};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn tags(tags: Value) -> Value {
    json!({"ResourceType": "Parameter", "ResourceId": "p", "Tags": tags})
}

#[tokio::test]
async fn tags_are_added_and_changed() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "p", "1").await;
        ok(&bed, "AddTagsToResource", tags(json!([{"Key": "a", "Value": "1"}]))).await;
        ok(&bed, "AddTagsToResource", tags(json!([{"Key": "a", "Value": "2"}]))).await;
        let list = json!({"ResourceType": "Parameter", "ResourceId": "p"});
        let answer = ok(&bed, "ListTagsForResource", list).await;
        assert_eq!(answer, json!({"TagList": [{"Key": "a", "Value": "2"}]}));
    })
    .await;
}

#[tokio::test]
async fn a_parameter_has_at_most_fifty_tags_and_none_that_is_reserved() {
    on_memory(secrets, async |bed| {
        let one = tags(json!([{"Key": "one", "Value": "more"}]));
        assert_eq!(code(&bed, "AddTagsToResource", one.clone()).await, "InvalidResourceId");
        put(&bed, "p", "1").await;
        let fifty: Vec<Value> =
            (0..50).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect();
        ok(&bed, "AddTagsToResource", tags(json!(fifty))).await;
        assert_eq!(code(&bed, "AddTagsToResource", one).await, "TooManyTagsError");
        let reserved = tags(json!([{"Key": "aws:x", "Value": "y"}]));
        let reply = bed.root().json("ssm", "AddTagsToResource", &reserved).await;
        assert_eq!(reply.fault().0, "ValidationException");
        let other = json!({"ResourceType": "Document", "ResourceId": "p", "Tags": []});
        assert_eq!(code(&bed, "AddTagsToResource", other).await, "UnsupportedOperation");
    })
    .await;
}
