//! Every operation needs its action on its table, and the condition keys describe the request.

use crate::common::{create_plain, create_sorted, ok, put, services};
use serde_json::{Value, json};
use testkit::on_memory;

const ARN: &str = "arn:aws:dynamodb:eu-central-1:000000000000:table/abc";

/// Every operation with an input, and the resource that its action is asked for.
fn requests() -> Vec<(&'static str, Value, &'static str)> {
    let key = json!({"p": {"S": "1"}});
    let query = json!({"TableName": "abc", "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "1"}}});
    let create = json!({"TableName": "abc",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST"});
    vec![
        ("BatchGetItem", json!({"RequestItems": {"abc": {"Keys": [key]}}}), ARN),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"abc": [{"DeleteRequest": {"Key": key}}]}}),
            ARN,
        ),
        ("CreateTable", create, ARN),
        ("DeleteItem", json!({"TableName": "abc", "Key": key}), ARN),
        ("DeleteTable", json!({"TableName": "abc"}), ARN),
        ("DescribeContinuousBackups", json!({"TableName": "abc"}), ARN),
        ("DescribeEndpoints", json!({}), "*"),
        ("DescribeLimits", json!({}), "*"),
        ("DescribeTable", json!({"TableName": "abc"}), ARN),
        ("DescribeTimeToLive", json!({"TableName": "abc"}), ARN),
        ("GetItem", json!({"TableName": "abc", "Key": key}), ARN),
        ("ListTables", json!({}), "*"),
        ("ListTagsOfResource", json!({"ResourceArn": ARN}), ARN),
        ("PutItem", json!({"TableName": "abc", "Item": key}), ARN),
        ("Query", query, ARN),
        ("Scan", json!({"TableName": "abc"}), ARN),
        ("TagResource", json!({"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "b"}]}), ARN),
        ("UntagResource", json!({"ResourceArn": ARN, "TagKeys": ["a"]}), ARN),
        ("UpdateItem", json!({"TableName": "abc", "Key": key}), ARN),
        ("UpdateTable", json!({"TableName": "abc", "DeletionProtectionEnabled": false}), ARN),
    ]
}

fn allow(action: &str, resource: &str, condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}]})
}

#[tokio::test]
async fn each_operation_is_allowed_by_its_action_on_its_table_and_by_nothing_else() {
    on_memory(services, async |bed| {
        create_plain(&bed, "other").await;
        let nothing = allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/other", json!({}));
        let stranger = bed.user("stranger", &nothing);
        for (operation, input, resource) in requests() {
            let (code, message) = stranger.fault("dynamodb", operation, input.clone()).await;
            assert_eq!(code, "AccessDeniedException");
            let action = format!("dynamodb:{operation}");
            let expected = format!("perform: {action} on resource: {resource} because");
            assert!(message.contains(&expected), "{message}");
            let friend = bed.user("friend", &allow(&action, resource, json!({})));
            let reply = friend.json("dynamodb", operation, &input).await;
            if reply.status != 200 {
                assert_ne!(reply.fault().0, "AccessDeniedException", "{operation}");
            }
        }
        let named: Vec<_> = requests().iter().map(|(name, ..)| *name).collect();
        let listed: Vec<_> =
            tables::operations(&Default::default()).iter().map(|o| o.name()).collect();
        assert_eq!(named, listed);
    })
    .await;
}

#[tokio::test]
async fn leading_keys_bind_a_caller_to_its_partitions() {
    on_memory(services, async |bed| {
        create_sorted(&bed, "abc", "S").await;
        let condition =
            json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}});
        let ada = bed.user("ada", &allow("dynamodb:*Item", ARN, condition.clone()));
        let item = |p: &str| json!({"p": {"S": p}, "s": {"S": "1"}});
        let own = json!({"TableName": "abc", "Item": item("ada")});
        ada.ok("dynamodb", "PutItem", own).await;
        let foreign = json!({"TableName": "abc", "Item": item("bob")});
        let (code, _) = ada.fault("dynamodb", "PutItem", foreign).await;
        assert_eq!(code, "AccessDeniedException");
        let both = json!({"RequestItems": {"abc": {"Keys": [item("ada"), item("bob")]}}});
        let (code, _) = ada.fault("dynamodb", "BatchGetItem", both).await;
        assert_eq!(code, "AccessDeniedException");
        let query = |p: &str| {
            json!({"TableName": "abc", "KeyConditionExpression": "p = :p",
                "ExpressionAttributeValues": {":p": {"S": p}}})
        };
        let reader = bed.user("ada", &allow("dynamodb:Query", ARN, condition));
        assert_eq!(reader.ok("dynamodb", "Query", query("ada")).await["Count"], 1);
        let (code, _) = reader.fault("dynamodb", "Query", query("bob")).await;
        assert_eq!(code, "AccessDeniedException");
    })
    .await;
}

#[tokio::test]
async fn attributes_and_select_bind_a_caller_to_columns() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        put(&bed, "abc", json!({"p": {"S": "1"}, "a": {"S": "a"}, "secret": {"S": "s"}})).await;
        let condition = json!({
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["p", "a"]},
            "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES",
                "dynamodb:ReturnValues": ["NONE", "UPDATED_NEW"]},
        });
        let user = bed.user("ada", &allow("dynamodb:*", ARN, condition));
        let get = |projection: Option<&str>| {
            let mut input = json!({"TableName": "abc", "Key": {"p": {"S": "1"}}});
            if let Some(projection) = projection {
                input["ProjectionExpression"] = projection.into();
            }
            input
        };
        user.ok("dynamodb", "GetItem", get(Some("p, a"))).await;
        for refused in [get(None), get(Some("secret")), get(Some("a, secret.x"))] {
            let (code, _) = user.fault("dynamodb", "GetItem", refused).await;
            assert_eq!(code, "AccessDeniedException");
        }
        let update = |attribute: &str, returned: &str| {
            json!({"TableName": "abc", "Key": {"p": {"S": "1"}},
                "UpdateExpression": format!("SET {attribute} = :v"), "ReturnValues": returned,
                "ExpressionAttributeValues": {":v": {"S": "new"}}})
        };
        user.ok("dynamodb", "UpdateItem", update("a", "UPDATED_NEW")).await;
        for refused in [update("secret", "NONE"), update("a", "ALL_NEW")] {
            let (code, _) = user.fault("dynamodb", "UpdateItem", refused).await;
            assert_eq!(code, "AccessDeniedException");
        }
        let scan = json!({"TableName": "abc", "FilterExpression": "secret = :s",
            "ProjectionExpression": "a", "ExpressionAttributeValues": {":s": {"S": "s"}}});
        let (code, _) = user.fault("dynamodb", "Scan", scan).await;
        assert_eq!(code, "AccessDeniedException");
        assert_eq!(ok(&bed, "Scan", json!({"TableName": "abc"})).await["Count"], 1);
    })
    .await;
}

#[tokio::test]
async fn who_may_do_nothing_does_not_learn_what_is_wrong_with_a_request() {
    on_memory(services, async |bed| {
        let nobody = bed.user("nobody", &allow("dynamodb:*", "arn:aws:none:::x", json!({})));
        let key = json!({"p": {"N": "x"}});
        for (operation, input) in [
            ("GetItem", json!({"TableName": "?", "Key": key})),
            ("PutItem", json!({"TableName": "abc", "Item": key, "ReturnValues": "ALL_NEW"})),
            ("UpdateItem", json!({"TableName": "abc", "Key": {}, "UpdateExpression": "?"})),
            ("DeleteItem", json!({"TableName": "arn:x", "Key": {}})),
            ("Query", json!({"TableName": "abc"})),
            ("Scan", json!({"TableName": "abc", "Segment": 1})),
            ("CreateTable", json!({"TableName": "?"})),
            ("BatchGetItem", json!({"RequestItems": {"?": {"Keys": [key]}}})),
            ("BatchWriteItem", json!({"RequestItems": {"abc": [{}]}})),
            ("TagResource", json!({"ResourceArn": "?", "Tags": []})),
        ] {
            let (code, message) = nobody.fault("dynamodb", operation, input).await;
            assert_eq!(code, "AccessDeniedException", "{operation}: {message}");
            // The root may, and is told.
            let input = json!({"TableName": "?", "Key": key});
            assert_eq!(bed.fault("dynamodb", "GetItem", input).await.0, "ValidationException");
        }
    })
    .await;
}
