use crate::common::{get, ok, put, secrets};
use serde_json::{Map, Value, json};
use service::{Desired, Fault, Resource, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::{Bed, on_every_engine, on_memory};

fn provider(bed: &Bed) -> Arc<dyn ResourceProvider> {
    let definitions = secrets(&bed.platform);
    definitions[0].resources[0].clone()
}

fn context(bed: &Bed, stack: &str) -> ResourceContext {
    let account: types::AccountId = testkit::ACCOUNT.parse().unwrap();
    ResourceContext {
        caller: service::Caller::root(account.clone()),
        calls: bed.platform.calls().unwrap().clone(),
        account,
        region: bed.platform.region.clone(),
        stack_id: format!("arn:aws:cloudformation:eu-central-1:000000000000:stack/{stack}/1"),
        stack_name: stack.to_owned(),
        logical_id: "Name".to_owned(),
        stack_tags: [("team".to_owned(), "blue".to_owned())].into(),
        step: service::Step::default(),
    }
}

fn map(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

async fn make(bed: &Bed, stack: &str, properties: &Value) -> Result<Resource, Fault> {
    let desired = Desired { properties: map(properties), generated_name: "stack-Name-1A2B" };
    provider(bed).create(&context(bed, stack), desired).await
}

#[tokio::test]
async fn a_parameter_is_created_changed_and_deleted_however_often_a_step_runs() {
    on_every_engine(secrets, async |bed| {
        let before = json!({"Type": "String", "Value": 5, "Description": "d", "Tags": {"a": "1"}});
        let after = json!({"Type": "String", "Value": "6", "Tags": {"b": "2"}});
        let (cx, provider) = (context(&bed, "one"), provider(&bed));
        for _ in 0..2 {
            let made = make(&bed, "one", &before).await.unwrap();
            assert_eq!(made.physical_id, "stack-Name-1A2B");
            assert_eq!(made.attributes["Value"], "5");
        }
        for _ in 0..2 {
            let desired = Desired { properties: map(&after), generated_name: "stack-Name-1A2B" };
            let update = provider.update(&cx, "stack-Name-1A2B", map(&before), desired);
            assert_eq!(update.await.unwrap().attributes["Value"], "6");
        }
        assert_eq!(get(&bed, "stack-Name-1A2B").await["Value"], "6");
        let of = json!({"ResourceType": "Parameter", "ResourceId": "stack-Name-1A2B"});
        let tags = ok(&bed, "ListTagsForResource", of).await["TagList"].to_string();
        assert!(
            tags.contains("blue") && tags.contains(r#""b""#) && !tags.contains(r#""a""#),
            "{tags}"
        );
        let described = ok(&bed, "DescribeParameters", json!({})).await;
        assert!(described["Parameters"][0].get("Description").is_none(), "{described}");
        for _ in 0..2 {
            provider.delete(&cx, "stack-Name-1A2B", map(&after)).await.unwrap();
        }
        let described = ok(&bed, "DescribeParameters", json!({})).await;
        assert_eq!(described, json!({"Parameters": []}));
    })
    .await;
}

#[tokio::test]
async fn a_parameter_of_somebody_else_is_not_taken_over() {
    on_memory(secrets, async |bed| {
        put(&bed, "mine", "1").await;
        let named = json!({"Name": "mine", "Type": "String", "Value": "2"});
        let fault = make(&bed, "one", &named).await.unwrap_err();
        assert_eq!(fault.code(), "ParameterAlreadyExists");
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_refused_before_anything_is_created() {
    on_memory(secrets, async |bed| {
        let check = |properties: Value| provider(&bed).check(map(&properties));
        assert_eq!(check(json!({"Type": "SecureString"})).unwrap_err().path, "Type");
        assert_eq!(check(json!({"DataType": "aws:ec2:image"})).unwrap_err().path, "DataType");
        check(json!({"Type": "StringList", "DataType": "text"})).unwrap();
    })
    .await;
}
