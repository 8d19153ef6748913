use crate::common::{create_plain, fault, invalid, long, ok, put, services};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn key(p: &str) -> Value {
    json!({"p": {"S": p}})
}

#[tokio::test]
async fn items_of_several_tables_come_in_one_reply() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        create_plain(&bed, "def").await;
        put(&bed, "abc", json!({"p": {"S": "1"}, "x": {"N": "1"}})).await;
        put(&bed, "abc", json!({"p": {"S": "2"}, "x": {"N": "2"}})).await;
        put(&bed, "def", key("3")).await;
        let input = json!({
            "RequestItems": {
                "abc": {"Keys": [key("2"), key("none"), key("1")], "ProjectionExpression": "#x",
                    "ExpressionAttributeNames": {"#x": "x"}},
                "def": {"Keys": [key("3")], "ConsistentRead": true},
            },
            "ReturnConsumedCapacity": "TOTAL",
        });
        let answer = ok(&bed, "BatchGetItem", input).await;
        let abc = json!([{"x": {"N": "2"}}, {"x": {"N": "1"}}]);
        assert_eq!(answer["Responses"], json!({"abc": abc, "def": [key("3")]}));
        assert_eq!(answer["UnprocessedKeys"], json!({}));
        assert_eq!(
            answer["ConsumedCapacity"],
            json!([
                {"TableName": "abc", "CapacityUnits": 1.5},
                {"TableName": "def", "CapacityUnits": 1.0},
            ])
        );
    })
    .await;
}

#[tokio::test]
async fn what_exceeds_16_megabytes_is_left_to_the_next_request() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        for at in 0..50 {
            let item = json!({"p": {"S": at.to_string()}, "x": {"S": long(400_000)}});
            put(&bed, "abc", item).await;
        }
        let keys: Vec<Value> = (0..50).map(|at| key(&at.to_string())).collect();
        let wanted = json!({"Keys": keys, "ConsistentRead": false});
        let answer = ok(&bed, "BatchGetItem", json!({"RequestItems": {"abc": wanted}})).await;
        let found = answer["Responses"]["abc"].as_array().unwrap().len();
        let rest = answer["UnprocessedKeys"].clone();
        // 16 MiB are 41 items of 400,004 bytes.
        assert_eq!((found, rest["abc"]["Keys"].as_array().unwrap().len()), (41, 9));
        let answer = ok(&bed, "BatchGetItem", json!({ "RequestItems": rest })).await;
        assert_eq!(answer["Responses"]["abc"].as_array().unwrap().len(), 9);
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_batch_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        create_plain(&bed, "def").await;
        let many = |count: usize| -> Value { (0..count).map(|at| key(&at.to_string())).collect() };
        for (items, text) in [
            (json!({"abc": {"Keys": many(60)}, "def": {"Keys": many(41)}}), "Too many items requested for the BatchGetItem call"),
            (json!({"abc": {"Keys": [key("1"), key("1")]}}), "Provided list of item keys contains duplicates"),
            (json!({"abc": {"Keys": [{"q": {"S": "1"}}]}}), "The provided key element does not match the schema"),
            (json!({"abc": {"Keys": [key("1")], "ProjectionExpression": "a.b, a"}}), "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]"),
        ] {
            let input = json!({ "RequestItems": items });
            assert_eq!(invalid(&bed, "BatchGetItem", input).await, text);
        }
        let input = json!({"RequestItems": {"none": {"Keys": [key("1")]}}});
        assert_eq!(
            fault(&bed, "BatchGetItem", input).await,
            ("ResourceNotFoundException".to_owned(), "Requested resource not found".to_owned())
        );
    })
    .await;
}
