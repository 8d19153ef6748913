use crate::common::{create_plain, get, invalid, long, ok, put, services};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn key(p: &str) -> Value {
    json!({"p": {"S": p}})
}

fn put_request(item: Value) -> Value {
    json!({"PutRequest": {"Item": item}})
}

fn delete_request(p: &str) -> Value {
    json!({"DeleteRequest": {"Key": key(p)}})
}

#[tokio::test]
async fn items_of_several_tables_are_written_and_deleted() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        create_plain(&bed, "def").await;
        put(&bed, "def", key("old")).await;
        let input = json!({
            "RequestItems": {
                "abc": [put_request(key("1")), put_request(key("2")), delete_request("none")],
                "def": [delete_request("old"), put_request(key("new"))],
            },
            "ReturnConsumedCapacity": "TOTAL",
        });
        let answer = ok(&bed, "BatchWriteItem", input).await;
        assert_eq!(answer["UnprocessedItems"], json!({}));
        assert_eq!(
            answer["ConsumedCapacity"],
            json!([
                {"TableName": "abc", "CapacityUnits": 3.0},
                {"TableName": "def", "CapacityUnits": 2.0},
            ])
        );
        assert_eq!(get(&bed, "abc", "2").await, key("2"));
        assert_eq!(get(&bed, "def", "old").await, json!(null));
        let table = ok(&bed, "DescribeTable", json!({"TableName": "def"})).await;
        assert_eq!(table["Table"]["ItemCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn what_finds_no_room_is_left_to_the_next_request() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let item = |at: i32| json!({"p": {"S": at.to_string()}, "x": {"S": long(409_000)}});
        let requests: Value = (0..25).map(|at| put_request(item(at))).collect();
        let mut left = json!({ "abc": requests });
        let mut rounds = 0;
        while left["abc"].is_array() {
            let answer = ok(&bed, "BatchWriteItem", json!({ "RequestItems": left })).await;
            left = answer["UnprocessedItems"].clone();
            rounds += 1;
        }
        assert_eq!(rounds, 2);
        let table = ok(&bed, "DescribeTable", json!({"TableName": "abc"})).await;
        assert_eq!(table["Table"]["ItemCount"], 25);
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_batch_is_refused_with_the_official_text_and_writes_nothing() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        create_plain(&bed, "def").await;
        let many = |count: usize| -> Value {
            (0..count).map(|at| put_request(key(&at.to_string()))).collect()
        };
        let both = json!({"PutRequest": {"Item": key("1")}, "DeleteRequest": {"Key": key("1")}});
        for (items, text) in [
            (json!({"abc": many(20), "def": many(6)}), "Too many items requested for the BatchWriteItem call"),
            (json!({"abc": [put_request(key("1")), delete_request("1")]}), "Provided list of item keys contains duplicates"),
            (json!({"abc": [put_request(key("1")), put_request(json!({"q": {"S": "1"}}))]}), "One or more parameter values were invalid: Missing the key p in the item"),
            (json!({"abc": [{"DeleteRequest": {"Key": {"q": {"S": "1"}}}}]}), "The provided key element does not match the schema"),
            (json!({"abc": [{}]}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
            (json!({"abc": [both]}), "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
            (json!({"abc": [put_request(json!({"p": {"S": "1"}, "x": {"S": long(409_600)}}))]}), "Item size has exceeded the maximum allowed size"),
        ] {
            let input = json!({ "RequestItems": items });
            assert_eq!(invalid(&bed, "BatchWriteItem", input).await, text);
        }
        assert_eq!(get(&bed, "abc", "1").await, json!(null));
        assert_eq!(
            invalid(&bed, "BatchWriteItem", json!({"RequestItems": {}})).await,
            "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy \
             constraint: Member must have length greater than or equal to 1"
        );
    })
    .await;
}
