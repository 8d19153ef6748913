use crate::common::{
    create_plain, create_sorted, fault, get, invalid, long, ok, put, services, unsupported,
};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn an_item_of_every_type_comes_back_as_it_was() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let item = json!({
            "p": {"S": "é"}, "n": {"N": "-12.5"}, "b": {"B": "AAH/"}, "t": {"BOOL": true},
            "z": {"NULL": true}, "l": {"L": [{"S": ""}, {"M": {"x": {"L": []}}}]},
            "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["-3", "2"]}, "bs": {"BS": ["AA==", "AQ=="]},
            "big": {"N": "99999999999999999999999999999999999999"},
            "far": {"N": "0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001"},
        });
        put(&bed, "abc", item.clone()).await;
        assert_eq!(get(&bed, "abc", "é").await, item);
    })
    .await;
}

#[tokio::test]
async fn a_put_replaces_the_whole_item_and_returns_the_old_one() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let old = json!({"p": {"S": "1"}, "a": {"N": "1"}});
        put(&bed, "abc", old.clone()).await;
        let new = json!({"p": {"S": "1"}, "b": {"N": "2"}});
        let input = json!({"TableName": "abc", "Item": new, "ReturnValues": "ALL_OLD"});
        assert_eq!(ok(&bed, "PutItem", input).await, json!({ "Attributes": old }));
        assert_eq!(get(&bed, "abc", "1").await, new);
        let item = json!({"p": {"S": "2"}});
        let input = json!({"TableName": "abc", "Item": item, "ReturnValues": "ALL_OLD"});
        assert_eq!(ok(&bed, "PutItem", input).await, json!({}));
    })
    .await;
}

#[tokio::test]
async fn a_condition_that_fails_changes_nothing_and_can_show_the_item() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let old = json!({"p": {"S": "1"}, "v": {"N": "1"}});
        let mut input = json!({
            "TableName": "abc",
            "Item": old,
            "ConditionExpression": "attribute_not_exists(p)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        ok(&bed, "PutItem", input.clone()).await;
        input["Item"]["v"] = json!({"N": "2"});
        let reply = bed.root().json("dynamodb", "PutItem", &input).await;
        let message = "The conditional request failed";
        assert_eq!(
            reply.fault(),
            ("ConditionalCheckFailedException".to_owned(), message.to_owned())
        );
        assert_eq!(reply.json()["Item"], old);
        input["ReturnValuesOnConditionCheckFailure"] = "NONE".into();
        let reply = bed.root().json("dynamodb", "PutItem", &input).await;
        assert_eq!(reply.json()["Item"], json!(null));
        assert_eq!(get(&bed, "abc", "1").await, old);
        input["ConditionExpression"] = "v = :one".into();
        input["ExpressionAttributeValues"] = json!({":one": {"N": "1.0"}});
        ok(&bed, "PutItem", input).await;
        assert_eq!(get(&bed, "abc", "1").await["v"], json!({"N": "2"}));
    })
    .await;
}

#[tokio::test]
async fn the_larger_of_both_items_is_paid_for() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let input = |bytes: usize, wanted: &str| {
            let item = json!({"p": {"S": "1"}, "x": {"S": long(bytes)}});
            json!({"TableName": "abc", "Item": item, "ReturnConsumedCapacity": wanted})
        };
        let answer = ok(&bed, "PutItem", input(2048, "TOTAL")).await;
        let expected = json!({"TableName": "abc", "CapacityUnits": 3.0});
        assert_eq!(answer, json!({ "ConsumedCapacity": expected }));
        let answer = ok(&bed, "PutItem", input(1, "INDEXES")).await;
        assert_eq!(answer["ConsumedCapacity"]["Table"], json!({"CapacityUnits": 3.0}));
        assert_eq!(ok(&bed, "PutItem", input(1, "NONE")).await, json!({}));
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_item_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        create_sorted(&bed, "abc", "B").await;
        let invalid_ = "One or more parameter values were invalid: ";
        let not_valid = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty";
        for (item, text) in [
            (json!({"s": {"B": "AA=="}}), format!("{invalid_}Missing the key p in the item")),
            (json!({"p": {"S": "a"}}), format!("{invalid_}Missing the key s in the item")),
            (json!({"p": {"N": "1"}, "s": {"B": "AA=="}}), format!("{invalid_}Type mismatch for key p expected: S actual: N")),
            (json!({"p": {"S": ""}, "s": {"B": "AA=="}}), format!("{not_valid} string value. Key: p")),
            (json!({"p": {"S": "a"}, "s": {"B": ""}}), format!("{not_valid} binary value. Key: s")),
            (json!({"p": {"S": long(2049)}, "s": {"B": "AA=="}}), format!("{invalid_}Size of hashkey has exceeded the maximum size limit of2048 bytes")),
            (json!({"p": {"S": "a"}, "s": {"B": "A".repeat(1368)}}), format!("{invalid_}Aggregated size of all range keys has exceeded the size limit of 1024 bytes")),
            (json!({"p": {"S": "a"}, "s": {"B": "AA=="}, "x": {"N": "x"}}), "The parameter cannot be converted to a numeric value: x".to_owned()),
            (json!({"p": {"S": "a"}, "s": {"B": "AA=="}, "x": {}}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes".to_owned()),
            (json!({"p": {"S": "a"}, "s": {"B": "AA=="}, "x": {"SS": []}}), format!("{invalid_}An string set  may not be empty")),
            (json!({"p": {"S": "a"}, "s": {"B": "AA=="}, "x": {"S": long(400 * 1024 - 4)}}), "Item size has exceeded the maximum allowed size".to_owned()),
        ] {
            let input = json!({"TableName": "abc", "Item": item});
            assert_eq!(invalid(&bed, "PutItem", input).await, text);
        }
        let item = json!({"p": {"S": "a"}, "s": {"B": "AA=="}, "x": {"S": long(400 * 1024 - 5)}});
        put(&bed, "abc", item).await;
    })
    .await;
}

/// Texts as the service gives them. What is wrong with the request comes before the table.
#[tokio::test]
async fn a_wrong_request_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        for (member, value, text) in [
            ("ReturnValues", json!("ALL_NEW"), "ReturnValues can only be ALL_OLD or NONE"),
            ("ReturnValues", json!("SOME"), "1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW]"),
            ("ExpressionAttributeNames", json!({"#a": "a"}), "ExpressionAttributeNames can only be specified when using expressions"),
            ("ExpressionAttributeValues", json!({":a": {"S": "a"}}), "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"),
            ("ConditionExpression", json!("a = :b"), "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :b"),
            ("ConditionExpression", json!(""), "Invalid ConditionExpression: The expression can not be empty;"),
        ] {
            let input = json!({"TableName": "none", "Item": {"p": {"S": "1"}}, member: value});
            assert_eq!(invalid(&bed, "PutItem", input).await, text);
        }
        assert_eq!(
            invalid(&bed, "PutItem", json!({"TableName": "abc"})).await,
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: \
             Member must not be null"
        );
        let input = json!({"TableName": "none", "Item": {"p": {"S": "1"}}});
        assert_eq!(
            fault(&bed, "PutItem", input).await,
            ("ResourceNotFoundException".to_owned(), "Requested resource not found".to_owned())
        );
    })
    .await;
}

/// Text as the service gives it.
#[tokio::test]
async fn a_document_has_at_most_32_levels() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let nested = |levels: usize| {
            (1..levels).fold(json!({"S": "leaf"}), |inner, _| json!({"M": {"n": inner}}))
        };
        put(&bed, "abc", json!({"p": {"S": "1"}, "deep": nested(32)})).await;
        let item = json!({"p": {"S": "1"}, "deep": nested(33)});
        assert_eq!(
            invalid(&bed, "PutItem", json!({"TableName": "abc", "Item": item})).await,
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested \
             levels beyond supported limit"
        );
    })
    .await;
}

#[tokio::test]
async fn an_item_that_is_no_attribute_values_cannot_be_read() {
    on_memory(services, async |bed| {
        for item in [json!({"p": "text"}), json!({"p": {"S": 1}}), json!([])] {
            let (code, message) =
                fault(&bed, "PutItem", json!({"TableName": "abc", "Item": item})).await;
            assert_eq!(code, "SerializationException");
            assert!(!message.contains("at line"), "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_parameters_from_before_expressions_are_refused_by_name() {
    on_memory(services, async |bed| {
        let expected: Value = json!({"a": {"Exists": false}});
        for (name, value) in [("Expected", expected), ("ConditionalOperator", json!("OR"))] {
            let input = json!({"TableName": "abc", "Item": {"p": {"S": "1"}}, name: value});
            assert_eq!(unsupported(&bed, "PutItem", input).await, name);
        }
    })
    .await;
}
