//! Parameters of templates whose values lie in Parameter Store.

use super::world::World;
use serde_json::{Value, json};
use std::time::Duration;

const TEMPLATE: &str = "
Parameters:
  Delay: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/delay}
Resources:
  Jobs: {Type: 'AWS::SQS::Queue', Properties: {DelaySeconds: !Ref Delay}}
";

async fn put(world: &World, name: &str, kind: &str, value: &str) {
    let input = json!({"Name": name, "Type": kind, "Value": value, "Overwrite": true});
    world.call("ssm", "PutParameter", input).await.unwrap();
}

/// The delay of the stack's queue.
async fn delay(world: &World) -> Value {
    let url = world.physical_ids("shop").await.remove("Jobs");
    let input = json!({"QueueUrl": url, "AttributeNames": ["DelaySeconds"]});
    let answer = world.call("sqs", "GetQueueAttributes", input).await.unwrap();
    answer["Attributes"]["DelaySeconds"].clone()
}

fn input(name: Option<&str>) -> Value {
    let mut input = json!({"StackName": "shop", "TemplateBody": TEMPLATE});
    if let Some(name) = name {
        input["Parameters"] = json!([{"ParameterKey": "Delay", "ParameterValue": name}]);
    }
    input
}

#[tokio::test]
async fn a_stored_parameter_is_read_whenever_a_stack_is_asked_for() {
    let world = World::new().await;
    put(&world, "/shop/delay", "String", "1").await;
    put(&world, "/shop/delay", "String", "2").await;
    world.ok("CreateStack", input(None)).await;
    world.work_for(Duration::from_secs(60)).await;
    assert_eq!(delay(&world).await, "2");
    let stack = world.ok("DescribeStacks", json!({"StackName": "shop"})).await;
    let shown = json!([{"ParameterKey": "Delay", "ParameterValue": "/shop/delay",
        "ResolvedValue": "2"}]);
    assert_eq!(stack["Stacks"][0]["Parameters"], shown);
    let same = world.call("cloudformation", "UpdateStack", input(None)).await.unwrap_err();
    assert_eq!(same.message(), "No updates are to be performed.");
    put(&world, "/shop/delay", "String", "3").await;
    for (name, expected) in [(None, "3"), (Some("/shop/delay:1"), "1")] {
        world.ok("UpdateStack", input(name)).await;
        world.work_for(Duration::from_secs(60)).await;
        assert_eq!(delay(&world).await, expected);
    }
}

#[tokio::test]
async fn what_is_not_stored_or_is_a_secret_is_refused_in_the_official_words() {
    let world = World::new().await;
    let refusal = async |name| {
        let answer = world.call("cloudformation", "CreateStack", input(Some(name))).await;
        answer.unwrap_err().message().to_owned()
    };
    assert_eq!(
        refusal("/none").await,
        "Unable to fetch parameters [/none] from parameter store for this account."
    );
    put(&world, "/secret", "SecureString", "1").await;
    assert_eq!(
        refusal("/secret").await,
        "Parameters [/secret] referenced by template have types not supported by CloudFormation."
    );
}

const REFERENCES: &str = "
Parameters:
  Name: {Type: String, Default: delay}
Resources:
  Jobs: {Type: 'AWS::SQS::Queue', Properties: {DelaySeconds: !Sub '{{resolve:ssm:/shop/${Name}}}'}}
Outputs:
  First: {Value: 'was {{resolve:ssm:/shop/delay:1}}'}
";

#[tokio::test]
async fn a_dynamic_reference_is_looked_up_whenever_a_stack_is_asked_for() {
    let world = World::new().await;
    put(&world, "/shop/delay", "String", "1").await;
    put(&world, "/shop/delay", "String", "2").await;
    let input = json!({"StackName": "shop", "TemplateBody": REFERENCES});
    world.ok("CreateStack", input.clone()).await;
    world.work_for(Duration::from_secs(60)).await;
    assert_eq!(delay(&world).await, "2");
    let stack = world.ok("DescribeStacks", json!({"StackName": "shop"})).await;
    assert_eq!(stack["Stacks"][0]["Outputs"][0]["OutputValue"], "was 1");
    let same = world.call("cloudformation", "UpdateStack", input.clone()).await.unwrap_err();
    assert_eq!(same.message(), "No updates are to be performed.");
    put(&world, "/shop/delay", "String", "3").await;
    let mut set = input.clone();
    set["ChangeSetName"] = json!("later");
    world.ok("CreateChangeSet", set).await;
    let set = json!({"StackName": "shop", "ChangeSetName": "later"});
    let told = world.ok("DescribeChangeSet", set.clone()).await;
    assert_eq!(told["Changes"][0]["ResourceChange"]["Action"], "Modify", "{told}");
    world.ok("ExecuteChangeSet", set).await;
    world.work_for(Duration::from_secs(60)).await;
    assert_eq!(delay(&world).await, "3");
}

#[tokio::test]
async fn a_dynamic_reference_that_cannot_be_looked_up_is_refused() {
    let world = World::new().await;
    put(&world, "/secret", "SecureString", "1").await;
    for (reference, text) in [
        ("ssm:/none", "Parameters: [/none] cannot be found."),
        ("ssm:/secret", "Non-secure ssm prefix was used for secure parameter: [/secret]"),
        ("ssm-secure:/secret:1", "{{resolve:ssm-secure:/secret:1}} is not supported"),
        ("secretsmanager:a:SecretString:b", "is not supported"),
    ] {
        let template = format!(
            "Resources: {{Jobs: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: \
             '{{{{resolve:{reference}}}}}'}}}}}}"
        );
        let input = json!({"StackName": "shop", "TemplateBody": template});
        let answer = world.call("cloudformation", "CreateStack", input).await;
        let message = answer.unwrap_err().message().to_owned();
        assert!(message.contains(text), "{reference}: {message}");
    }
}
