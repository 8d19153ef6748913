use crate::common::{create_plain, get, invalid, ok, put, services, unsupported};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_deleted_item_is_gone_and_can_be_returned() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let item = json!({"p": {"S": "1"}, "x": {"N": "5"}});
        put(&bed, "abc", item.clone()).await;
        let input = json!({"TableName": "abc", "Key": {"p": {"S": "1"}},
            "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL"});
        let answer = ok(&bed, "DeleteItem", input.clone()).await;
        assert_eq!(answer["Attributes"], item);
        assert_eq!(answer["ConsumedCapacity"]["CapacityUnits"], 1.0);
        assert_eq!(get(&bed, "abc", "1").await, json!(null));
        assert_eq!(ok(&bed, "DeleteItem", input).await["Attributes"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn a_condition_decides() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        put(&bed, "abc", json!({"p": {"S": "1"}, "x": {"N": "5"}})).await;
        let mut input = json!({
            "TableName": "abc",
            "Key": {"p": {"S": "1"}},
            "ConditionExpression": "x > :x",
            "ExpressionAttributeValues": {":x": {"N": "5"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        let reply = bed.root().json("dynamodb", "DeleteItem", &input).await;
        assert_eq!(reply.fault().0, "ConditionalCheckFailedException");
        assert_eq!(reply.json()["Item"]["x"], json!({"N": "5"}));
        input["ConditionExpression"] = "x >= :x".into();
        ok(&bed, "DeleteItem", input.clone()).await;
        // Nothing is there that could be greater, and nothing to show.
        let reply = bed.root().json("dynamodb", "DeleteItem", &input).await;
        assert_eq!(reply.fault().0, "ConditionalCheckFailedException");
        assert_eq!(reply.json()["Item"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_request_is_refused() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let key = json!({"p": {"S": "1"}});
        let input = json!({"TableName": "abc", "Key": key, "ReturnValues": "UPDATED_NEW"});
        assert_eq!(
            invalid(&bed, "DeleteItem", input).await,
            "ReturnValues can only be ALL_OLD or NONE"
        );
        let input = json!({"TableName": "abc", "Key": {"q": {"S": "1"}}});
        assert_eq!(
            invalid(&bed, "DeleteItem", input).await,
            "The provided key element does not match the schema"
        );
        let input = json!({"TableName": "abc", "Key": key, "Expected": {"a": {"Exists": false}}});
        assert_eq!(unsupported(&bed, "DeleteItem", input).await, "Expected");
    })
    .await;
}
