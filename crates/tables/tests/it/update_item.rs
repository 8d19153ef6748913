use crate::common::{create_plain, get, invalid, long, ok, put, services, unsupported};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

/// Updates the item `1` of the table `abc`.
fn update(expression: &str, values: Value, returned: &str) -> Value {
    let mut input = json!({
        "TableName": "abc",
        "Key": {"p": {"S": "1"}},
        "UpdateExpression": expression,
        "ReturnValues": returned,
    });
    if !values.is_null() {
        input["ExpressionAttributeValues"] = values;
    }
    input
}

async fn with_item(bed: &Bed) {
    create_plain(bed, "abc").await;
    let map = json!({"M": {"x": {"N": "1"}, "y": {"S": "y"}}});
    put(bed, "abc", json!({"p": {"S": "1"}, "n": {"N": "5"}, "m": map, "l": {"L": [{"S": "a"}]}}))
        .await;
}

#[tokio::test]
async fn every_clause_does_its_work() {
    on_every_engine(services, async |bed| {
        with_item(&bed).await;
        let input = update(
            "SET n = n + :one, m.x = if_not_exists(m.z, :one), l = list_append(l, :l) \
             REMOVE m.y ADD s :s, c :one",
            json!({":one": {"N": "1"}, ":l": {"L": [{"S": "b"}]}, ":s": {"SS": ["x"]}}),
            "ALL_NEW",
        );
        let expected = json!({
            "p": {"S": "1"}, "n": {"N": "6"}, "m": {"M": {"x": {"N": "1"}}},
            "l": {"L": [{"S": "a"}, {"S": "b"}]}, "s": {"SS": ["x"]}, "c": {"N": "1"},
        });
        assert_eq!(ok(&bed, "UpdateItem", input).await, json!({ "Attributes": expected }));
        assert_eq!(get(&bed, "abc", "1").await, expected);
        let input = update("DELETE s :s", json!({":s": {"SS": ["x"]}}), "ALL_NEW");
        assert_eq!(ok(&bed, "UpdateItem", input).await["Attributes"]["s"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn an_update_makes_the_item_that_is_not_there() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let input = update("ADD n :one", json!({":one": {"N": "1"}}), "ALL_OLD");
        assert_eq!(ok(&bed, "UpdateItem", input.clone()).await, json!({}));
        ok(&bed, "UpdateItem", input).await;
        assert_eq!(get(&bed, "abc", "1").await, json!({"p": {"S": "1"}, "n": {"N": "2"}}));
        ok(&bed, "UpdateItem", json!({"TableName": "abc", "Key": {"p": {"S": "2"}}})).await;
        assert_eq!(get(&bed, "abc", "2").await, json!({"p": {"S": "2"}}));
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_return_value_shows_its_part() {
    on_memory(services, async |bed| {
        for (wanted, expected) in [
            ("NONE", json!({})),
            ("ALL_OLD", json!({"Attributes": {"p": {"S": "1"}, "n": {"N": "5"},
                "m": {"M": {"x": {"N": "1"}, "y": {"S": "y"}}}, "l": {"L": [{"S": "a"}]}}})),
            ("UPDATED_OLD", json!({"Attributes": {"n": {"N": "5"}, "m": {"M": {"x": {"N": "1"}}}}})),
            ("UPDATED_NEW", json!({"Attributes": {"n": {"N": "7"}, "m": {"M": {"x": {"N": "7"}}}, "q": {"N": "7"}}})),
            ("ALL_NEW", json!({"Attributes": {"p": {"S": "1"}, "n": {"N": "7"},
                "m": {"M": {"x": {"N": "7"}, "y": {"S": "y"}}}, "l": {"L": [{"S": "a"}]}, "q": {"N": "7"}}})),
        ] {
            if wanted != "NONE" {
                ok(&bed, "DeleteTable", json!({"TableName": "abc"})).await;
            }
            with_item(&bed).await;
            let values = json!({":v": {"N": "7"}});
            let input = update("SET n = :v, m.x = :v, q = :v", values, wanted);
            assert_eq!(ok(&bed, "UpdateItem", input).await, expected, "{wanted}");
        }
        let input = update("REMOVE nothing", json!(null), "UPDATED_NEW");
        assert_eq!(ok(&bed, "UpdateItem", input).await, json!({}));
    })
    .await;
}

#[tokio::test]
async fn a_condition_that_fails_changes_nothing() {
    on_every_engine(services, async |bed| {
        with_item(&bed).await;
        let mut input = update("SET n = :v", json!({":v": {"N": "7"}}), "ALL_NEW");
        input["ConditionExpression"] = "attribute_not_exists(n) OR n = :v".into();
        input["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD".into();
        let reply = bed.root().json("dynamodb", "UpdateItem", &input).await;
        assert_eq!(reply.fault().0, "ConditionalCheckFailedException");
        assert_eq!(reply.json()["Item"], get(&bed, "abc", "1").await);
        assert_eq!(reply.json()["Item"]["n"], json!({"N": "5"}));
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_update_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        with_item(&bed).await;
        let one = json!({":v": {"N": "1"}});
        for (expression, values, text) in [
            ("SET p = :v", one.clone(), "One or more parameter values were invalid: Cannot update attribute p. This attribute is part of the key"),
            ("SET n = l + :v", one.clone(), "An operand in the update expression has an incorrect data type"),
            ("SET q = nothing", json!(null), "The provided expression refers to an attribute that does not exist in the item"),
            ("SET absent.x = :v", one.clone(), "The document path provided in the update expression is invalid for update"),
            ("SET n = :v SET q = :v", one.clone(), "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;"),
            ("SET big = :v", json!({":v": {"S": long(400 * 1024)}}), "Item size to update has exceeded the maximum allowed size"),
            ("SET n = :v", json!({":v": {"N": "1"}, ":w": {"N": "1"}}), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"),
        ] {
            let input = update(expression, values, "NONE");
            assert_eq!(invalid(&bed, "UpdateItem", input).await, text, "{expression}");
        }
        let before = get(&bed, "abc", "1").await;
        assert_eq!(before["n"], json!({"N": "5"}));
        let mut legacy = json!({"TableName": "abc", "Key": {"p": {"S": "1"}}});
        legacy["AttributeUpdates"] = json!({"n": {"Action": "DELETE"}});
        assert_eq!(unsupported(&bed, "UpdateItem", legacy).await, "AttributeUpdates");
    })
    .await;
}
