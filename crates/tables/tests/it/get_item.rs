use crate::common::{create_plain, create_sorted, invalid, long, ok, put, services, unsupported};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn an_item_is_found_by_its_whole_key() {
    on_every_engine(services, async |bed| {
        create_sorted(&bed, "abc", "N").await;
        let item = json!({"p": {"S": "1"}, "s": {"N": "10"}, "x": {"S": "y"}});
        put(&bed, "abc", item.clone()).await;
        let key =
            |sort: &str| json!({"TableName": "abc", "Key": {"p": {"S": "1"}, "s": {"N": sort}}});
        assert_eq!(ok(&bed, "GetItem", key("1e1")).await, json!({ "Item": item }));
        assert_eq!(ok(&bed, "GetItem", key("11")).await, json!({}));
        let arn = "arn:aws:dynamodb:eu-central-1:000000000000:table/abc";
        let mut input = key("10");
        input["TableName"] = arn.into();
        assert_eq!(ok(&bed, "GetItem", input).await["Item"], item);
    })
    .await;
}

#[tokio::test]
async fn keys_of_every_type_are_the_same_key_when_their_values_are() {
    on_memory(services, async |bed| {
        let numbers = [json!({"N": "10"}), json!({"N": "1e1"}), json!({"N": "010.00"})];
        let bytes = [json!({"B": "AA=="}), json!({"B": "AA=="})];
        for (kind, keys) in [("N", &numbers[..]), ("B", &bytes[..])] {
            let table = format!("keys-{kind}");
            let input = json!({
                "TableName": table,
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": kind}],
                "BillingMode": "PAY_PER_REQUEST",
            });
            ok(&bed, "CreateTable", input).await;
            put(&bed, &table, json!({"p": keys[0], "x": {"S": "y"}})).await;
            for key in keys {
                let input = json!({"TableName": table, "Key": {"p": key}});
                let answer = ok(&bed, "GetItem", input).await;
                assert_eq!(answer["Item"], json!({"p": keys[0], "x": {"S": "y"}}));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_projection_cuts_parts_out_of_the_item() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let map = json!({"M": {"x": {"L": [{"N": "0"}, {"N": "1"}]}, "y": {"S": "no"}}});
        put(&bed, "abc", json!({"p": {"S": "1"}, "m": map, "size": {"N": "3"}})).await;
        let input = json!({
            "TableName": "abc",
            "Key": {"p": {"S": "1"}},
            "ProjectionExpression": "m.x[1], #s, nothing",
            "ExpressionAttributeNames": {"#s": "size"},
        });
        let expected = json!({"m": {"M": {"x": {"L": [{"N": "1"}]}}}, "size": {"N": "3"}});
        assert_eq!(ok(&bed, "GetItem", input.clone()).await, json!({ "Item": expected }));
        let mut nothing = input;
        nothing["ProjectionExpression"] = "#s.deep".into();
        assert_eq!(ok(&bed, "GetItem", nothing).await, json!({"Item": {}}));
    })
    .await;
}

#[tokio::test]
async fn a_consistent_read_costs_twice_as_much() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        put(&bed, "abc", json!({"p": {"S": "1"}, "x": {"S": long(4096)}})).await;
        for (key, consistent, units) in
            [("1", false, 1.0), ("1", true, 2.0), ("none", false, 0.5), ("none", true, 1.0)]
        {
            let input = json!({
                "TableName": "abc",
                "Key": {"p": {"S": key}},
                "ConsistentRead": consistent,
                "ReturnConsumedCapacity": "TOTAL",
            });
            let answer = ok(&bed, "GetItem", input).await;
            assert_eq!(answer["ConsumedCapacity"]["CapacityUnits"], units);
        }
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_key_or_expression_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        create_sorted(&bed, "abc", "S").await;
        let mismatch = "The provided key element does not match the schema";
        for (key, text) in [
            (json!({}), mismatch),
            (json!({"p": {"S": "1"}}), mismatch),
            (json!({"p": {"S": "1"}, "s": {"N": "1"}}), mismatch),
            (json!({"p": {"S": "1"}, "s": {"S": "1"}, "x": {"S": "1"}}), mismatch),
            (json!({"p": {"S": "1"}, "x": {"S": "1"}}), mismatch),
            (json!({"p": {"S": "1"}, "s": {"S": ""}}), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: s"),
        ] {
            let input = json!({"TableName": "abc", "Key": key});
            assert_eq!(invalid(&bed, "GetItem", input).await, text, "{key}");
        }
        let key = json!({"p": {"S": "1"}, "s": {"S": "1"}});
        let input = json!({"TableName": "abc", "Key": key, "ProjectionExpression": "a, a.b"});
        assert_eq!(
            invalid(&bed, "GetItem", input).await,
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove \
             or rewrite one of these paths; path one: [a], path two: [a, b]"
        );
        let input = json!({"TableName": "abc", "Key": key, "AttributesToGet": ["a"]});
        assert_eq!(unsupported(&bed, "GetItem", input).await, "AttributesToGet");
    })
    .await;
}
