//! The CloudFormation resource type.

use crate::common::{create_plain, ok, put, services};
use serde_json::{Map, Value, json};
use service::{Caller, Change, Desired, Resource, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::{Bed, on_every_engine, on_memory};

fn provider() -> Arc<dyn ResourceProvider> {
    let mut providers = testkit::definitions(services).remove(0).resources;
    let provider = providers.pop().expect("a provider");
    assert_eq!((provider.resource_type(), providers.len()), ("AWS::DynamoDB::Table", 0));
    provider
}

fn context(bed: &Bed, stack: &str) -> ResourceContext {
    let account = bed.platform.account.clone();
    ResourceContext {
        caller: Caller::root(account.clone()),
        calls: bed.platform.calls().expect("a connected platform").clone(),
        account,
        region: bed.platform.region.clone(),
        stack_id: format!("arn:aws:cloudformation:eu-central-1:000000000000:stack/{stack}/1"),
        stack_name: stack.to_owned(),
        logical_id: "Users".to_owned(),
        stack_tags: [("team".to_owned(), "blue".to_owned())].into(),
        step: service::Step::default(),
    }
}

fn properties(changes: Value) -> Map<String, Value> {
    let mut properties = json!({
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": "5", "WriteCapacityUnits": 5},
        "Tags": [{"Key": "a", "Value": "1"}],
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        properties[name] = value.clone();
    }
    let properties = properties.as_object().into_iter().flatten();
    properties.filter(|(_, v)| !v.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect()
}

async fn create(cx: &ResourceContext, properties: &Map<String, Value>) -> Result<Resource, String> {
    let desired = Desired { properties, generated_name: "stack-Users-1A2B" };
    provider().create(cx, desired).await.map_err(|fault| fault.code().to_owned())
}

async fn tags(bed: &Bed, arn: &Value) -> String {
    let answer = ok(bed, "ListTagsOfResource", json!({ "ResourceArn": arn })).await;
    let own = |tag: &&Value| !tag["Key"].as_str().expect("a key").starts_with("aws:");
    let text = |tag: &Value| format!("{}={}", tag["Key"], tag["Value"]).replace('"', "");
    let tags: Vec<_> =
        answer["Tags"].as_array().expect("tags").iter().filter(own).map(text).collect();
    tags.join(" ")
}

#[tokio::test]
async fn a_table_is_created_changed_and_deleted_however_often_a_step_runs() {
    on_every_engine(services, async |bed| {
        let cx = context(&bed, "one");
        let before = properties(json!({}));
        let table = create(&cx, &before).await.unwrap();
        assert_eq!(table.physical_id, "stack-Users-1A2B");
        let arn = table.attributes["Arn"].clone();
        assert_eq!(arn, "arn:aws:dynamodb:eu-central-1:000000000000:table/stack-Users-1A2B");
        assert_eq!(tags(&bed, &arn).await, "a=1 team=blue");
        assert_eq!(create(&cx, &before).await.unwrap(), table);
        put(&bed, &table.physical_id, json!({"p": {"S": "kept"}})).await;

        let after = properties(json!({
            "ProvisionedThroughput": null,
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": "true",
            "Tags": [{"Key": "b", "Value": "2"}],
        }));
        for _ in 0..2 {
            let desired = Desired { properties: &after, generated_name: "stack-Users-1A2B" };
            let updated = provider().update(&cx, &table.physical_id, &before, desired).await;
            assert_eq!(updated.unwrap(), table);
        }
        let input = json!({"TableName": table.physical_id});
        let described = ok(&bed, "DescribeTable", input.clone()).await["Table"].clone();
        assert_eq!(described["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
        assert_eq!(described["DeletionProtectionEnabled"], true);
        assert_eq!(described["ItemCount"], 1);
        assert_eq!(tags(&bed, &arn).await, "b=2 team=blue");

        let fault = provider().delete(&cx, &table.physical_id, &after).await.unwrap_err();
        assert_eq!(fault.code(), "ValidationException");
        let unprotect = json!({"TableName": table.physical_id, "DeletionProtectionEnabled": false});
        ok(&bed, "UpdateTable", unprotect).await;
        for _ in 0..2 {
            provider().delete(&cx, &table.physical_id, &after).await.unwrap();
        }
        assert_eq!(ok(&bed, "ListTables", json!({})).await, json!({"TableNames": []}));
    })
    .await;
}

#[tokio::test]
async fn a_table_of_somebody_else_is_never_taken_over() {
    on_memory(services, async |bed| {
        create_plain(&bed, "taken").await;
        let wanted = properties(json!({"TableName": "taken"}));
        let refused = create(&context(&bed, "one"), &wanted).await;
        assert_eq!(refused.unwrap_err(), "ResourceInUseException");
        let wanted = properties(json!({"TableName": "mine"}));
        create(&context(&bed, "one"), &wanted).await.unwrap();
        let refused = create(&context(&bed, "two"), &wanted).await;
        assert_eq!(refused.unwrap_err(), "ResourceInUseException");
    })
    .await;
}

#[test]
fn properties_change_as_the_official_reference_says() {
    let provider = provider();
    let of = |change: Change| -> Vec<_> {
        let all = provider.properties().iter().filter(|property| property.change == change);
        all.map(|property| property.name).take(4).collect()
    };
    assert_eq!(
        of(Change::Replace),
        ["TableName", "KeySchema", "AttributeDefinitions", "LocalSecondaryIndexes"]
    );
    assert_eq!(
        of(Change::InPlace),
        ["BillingMode", "ProvisionedThroughput", "DeletionProtectionEnabled", "Tags"]
    );
    let names = || provider.properties().iter().map(|property| property.name);
    assert!(names().all(|name| name != "StreamSpecification"));
    assert_eq!(provider.attributes(), ["Arn"]);
}
