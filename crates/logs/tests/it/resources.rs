use crate::common::{arn, fault, logs, missing_group, ok};
use serde_json::{Map, Value, json};
use service::{Caller, Desired, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::{Bed, on_memory};

fn provider() -> Arc<dyn ResourceProvider> {
    testkit::definitions(logs).remove(0).resources.remove(0)
}

fn context(bed: &Bed, stack: &str) -> ResourceContext {
    ResourceContext {
        caller: Caller::root(bed.platform.account.clone()),
        calls: bed.platform.calls().unwrap().clone(),
        account: bed.platform.account.clone(),
        region: bed.platform.region.clone(),
        stack_id: format!("arn:aws:cloudformation:us-east-1:000000000000:stack/{stack}/1"),
        stack_name: stack.to_owned(),
        logical_id: "Logs".to_owned(),
        stack_tags: types::Tags::from([("stack".to_owned(), "yes".to_owned())]),
        step: service::Step::default(),
    }
}

fn properties(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn desired(properties: &Map<String, Value>) -> Desired<'_> {
    Desired { properties, generated_name: "stack-Logs-1A2B3C4D5E6F" }
}

async fn group(bed: &Bed) -> Value {
    ok(bed, "DescribeLogGroups", json!({})).await["logGroups"][0].clone()
}

#[tokio::test]
async fn a_group_of_a_stack_is_created_changed_and_deleted() {
    on_memory(logs, async |bed| {
        let (provider, cx) = (provider(), context(&bed, "stack"));
        let before = properties(json!({
            "RetentionInDays": "7", "Tags": [{"Key": "a", "Value": "1"}]
        }));
        let made = provider.create(&cx, desired(&before)).await.unwrap();
        assert_eq!(made.physical_id, "stack-Logs-1A2B3C4D5E6F");
        assert_eq!(made.attributes["Arn"], arn("stack-Logs-1A2B3C4D5E6F:*"));
        assert_eq!(group(&bed).await["retentionInDays"], 7);
        let after = properties(json!({"Tags": [{"Key": "b", "Value": "2"}]}));
        provider.update(&cx, &made.physical_id, &before, desired(&after)).await.unwrap();
        assert!(group(&bed).await.get("retentionInDays").is_none());
        let list = json!({"resourceArn": arn(&made.physical_id)});
        let tags = ok(&bed, "ListTagsForResource", list).await["tags"].clone();
        assert_eq!(
            (&tags["a"], &tags["b"], &tags["stack"]),
            (&Value::Null, &json!("2"), &json!("yes"))
        );
        assert_eq!(tags["aws:cloudformation:logical-id"], "Logs");
        for _ in 0..2 {
            provider.delete(&cx, &made.physical_id, &after).await.unwrap();
        }
        assert_eq!(group(&bed).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_step_that_runs_again_finds_its_group_and_never_takes_anothers() {
    on_memory(logs, async |bed| {
        let provider = provider();
        let named = properties(json!({"LogGroupName": "mine", "RetentionInDays": 1}));
        for _ in 0..2 {
            provider.create(&context(&bed, "one"), desired(&named)).await.unwrap();
        }
        let other = provider.create(&context(&bed, "two"), desired(&named)).await;
        assert_eq!(other.unwrap_err().code(), "ResourceAlreadyExistsException");
        let none = json!({"logGroupName": "none"});
        assert_eq!(fault(&bed, "DeleteLogGroup", none).await, missing_group());
    })
    .await;
}

#[tokio::test]
async fn other_properties_are_not_among_its_own() {
    let provider = provider();
    let names: Vec<_> = provider.properties().iter().map(|property| property.name).collect();
    assert_eq!(names, ["LogGroupName", "RetentionInDays", "Tags"]);
    assert_eq!(provider.resource_type(), "AWS::Logs::LogGroup");
    assert_eq!(provider.attributes(), ["Arn"]);
}
