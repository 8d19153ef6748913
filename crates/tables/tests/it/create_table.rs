use crate::common::{create_plain, fault, invalid, ok, services, unsupported};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn request(changes: Value) -> Value {
    let mut input = json!({
        "TableName": "Users",
        "KeySchema": [
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "a", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "a", "AttributeType": "N"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[tokio::test]
async fn a_new_table_is_described() {
    on_every_engine(services, async |bed| {
        let answer = ok(&bed, "CreateTable", request(json!({}))).await;
        let table = &answer["TableDescription"];
        assert_eq!(table["TableStatus"], "CREATING");
        assert_eq!(table["TableArn"], "arn:aws:dynamodb:eu-central-1:000000000000:table/Users");
        assert_eq!(table["CreationDateTime"], 1_800_000_000);
        assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
        assert_eq!(table["TableId"].as_str().unwrap().len(), 36);
        assert_eq!(table["KeySchema"], request(json!({}))["KeySchema"]);
        assert_eq!(
            table["AttributeDefinitions"],
            json!([
                {"AttributeName": "a", "AttributeType": "N"},
                {"AttributeName": "p", "AttributeType": "S"},
            ])
        );
        assert_eq!(table["ItemCount"], 0);
        assert_eq!(
            fault(&bed, "CreateTable", request(json!({}))).await,
            ("ResourceInUseException".to_owned(), "Table already exists: Users".to_owned())
        );
    })
    .await;
}

/// Texts as moto's tests have them, which run against the service (`test_dynamodb_exceptions.py`,
/// `test_dynamodb_create_table.py`).
#[tokio::test]
async fn a_wrong_request_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        let hash = json!({"AttributeName": "p", "KeyType": "HASH"});
        let p = json!({"AttributeName": "p", "AttributeType": "S"});
        let invalid_ = "One or more parameter values were invalid: ";
        for (changes, text) in [
            (json!({"TableName": "ab"}), "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'".to_owned()),
            (json!({"KeySchema": [{"AttributeName": "p", "KeyType": "RANGE"}]}), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type".to_owned()),
            (json!({"KeySchema": [hash, {"AttributeName": "a", "KeyType": "HASH"}]}), "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type".to_owned()),
            (json!({"KeySchema": [hash, {"AttributeName": "p", "KeyType": "RANGE"}]}), "Both the Hash Key and the Range Key element in the KeySchema have the same name".to_owned()),
            (json!({"AttributeDefinitions": [p]}), "Invalid KeySchema: Some index key attribute have no definition".to_owned()),
            (json!({"KeySchema": [hash, {"AttributeName": "a", "KeyType": "RANGE"}], "AttributeDefinitions": [p, {"AttributeName": "b", "AttributeType": "S"}]}), format!("{invalid_}Some index key attributes are not defined in AttributeDefinitions. Keys: [a], AttributeDefinitions: [p, b]")),
            (json!({"KeySchema": [hash]}), format!("{invalid_}Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")),
            (json!({"AttributeDefinitions": [p, p]}), "Attribute Name is duplicated: p".to_owned()),
            (json!({"BillingMode": "PROVISIONED"}), format!("{invalid_}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")),
            (json!({"BillingMode": null}), format!("{invalid_}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")),
            (json!({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}), format!("{invalid_}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")),
            (json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1_000_000_000_001u64, "WriteCapacityUnits": 1}}), "Given value 1000000000001 for ReadCapacityUnits is out of bounds".to_owned()),
            (json!({"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}}), "1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1".to_owned()),
            (json!({"BillingMode": "FREE"}), "1 validation error detected: Value 'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]".to_owned()),
            (json!({"KeySchema": null}), "1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null".to_owned()),
            (json!({"GlobalSecondaryIndexes": []}), format!("{invalid_}List of GlobalSecondaryIndexes is empty")),
            (json!({"SSESpecification": {"Enabled": false, "SSEType": "KMS"}}), format!("{invalid_}SSEType can not be specified if Enabled is false")),
            (json!({"Tags": [{"Key": "aws:x", "Value": "y"}]}), "Tag Key cannot be prefixed with aws:, Key: aws:x".to_owned()),
            (json!({"Tags": [{"Key": "x", "Value": "y"}, {"Key": "x", "Value": "z"}]}), "Duplicate Tag Keys provided as input: Duplicate Tag Key found x".to_owned()),
        ] {
            assert_eq!(invalid(&bed, "CreateTable", request(changes.clone())).await, text, "{changes}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name_and_its_default_is_not() {
    on_memory(services, async |bed| {
        for (name, value) in [
            ("GlobalSecondaryIndexes", json!([{"IndexName": "idx", "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "Projection": {}}])),
            ("LocalSecondaryIndexes", json!([{"IndexName": "idx", "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "Projection": {}}])),
            ("StreamSpecification", json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"})),
            ("SSESpecification", json!({"Enabled": true})),
            ("TableClass", json!("STANDARD_INFREQUENT_ACCESS")),
            ("ResourcePolicy", json!("{}")),
            ("OnDemandThroughput", json!({"MaxReadRequestUnits": 5})),
            ("WarmThroughput", json!({"ReadUnitsPerSecond": 5})),
        ] {
            let input = request(json!({ name: value }));
            assert_eq!(unsupported(&bed, "CreateTable", input).await, name);
        }
        let defaults = json!({
            "StreamSpecification": {"StreamEnabled": false},
            "SSESpecification": {"Enabled": false},
            "TableClass": "STANDARD",
        });
        ok(&bed, "CreateTable", request(defaults)).await;
    })
    .await;
}

#[tokio::test]
async fn the_capacity_of_an_account_ends_somewhere() {
    on_memory(services, async |bed| {
        let units = |read: u64| {
            json!({
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": 1},
            })
        };
        let (code, _) = fault(&bed, "CreateTable", request(units(40_001))).await;
        assert_eq!(code, "LimitExceededException");
        for name in ["one", "two"] {
            let mut input = request(units(40_000));
            input["TableName"] = name.into();
            ok(&bed, "CreateTable", input).await;
        }
        let (code, _) = fault(&bed, "CreateTable", request(units(1))).await;
        assert_eq!(code, "LimitExceededException");
        create_plain(&bed, "free").await;
    })
    .await;
}
