//! Parameters and capabilities.

use crate::support::World;
use serde_json::{Value, json};

const TEMPLATE: &str = "
Parameters:
  Size: {Type: Number, Default: 1, MaxValue: 50}
  Link: {Type: String, NoEcho: true}
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: !Ref Size, Link: !Ref Link}}
";

fn input(parameters: Value) -> Value {
    json!({"StackName": "shop", "TemplateBody": TEMPLATE, "Parameters": parameters})
}

#[tokio::test]
async fn parameters_are_given_kept_and_masked() {
    let world = World::new();
    let link = json!({"ParameterKey": "Link", "ParameterValue": "hush"});
    world.ok("CreateStack", input(json!([link]))).await;
    world.run_jobs().await;
    let thing = |world: &World| world.things.existing().into_values().next().unwrap();
    assert_eq!((&thing(&world)["Size"], &thing(&world)["Link"]), (&json!("1"), &json!("hush")));
    assert_eq!(
        world.stack("shop").await["Parameters"],
        json!([{"ParameterKey": "Link", "ParameterValue": "****"},
            {"ParameterKey": "Size", "ParameterValue": "1"}])
    );
    let parameters = json!([{"ParameterKey": "Link", "UsePreviousValue": true},
        {"ParameterKey": "Size", "ParameterValue": "7"}]);
    world.ok("UpdateStack", input(parameters)).await;
    world.run_jobs().await;
    assert_eq!((&thing(&world)["Size"], &thing(&world)["Link"]), (&json!("7"), &json!("hush")));
}

#[tokio::test]
async fn wrong_parameters_are_refused_in_the_official_words() {
    let world = World::new();
    let (_, message) = world.fault("CreateStack", input(json!([]))).await;
    assert_eq!(message, "Parameters: [Link] must have values");
    let one = |key: &str, value: &str| json!({"ParameterKey": key, "ParameterValue": value});
    let parameters = json!([one("Link", "x"), one("Other", "x")]);
    let (_, message) = world.fault("CreateStack", input(parameters)).await;
    assert_eq!(message, "Parameters: [Other] do not exist in the template");
    let parameters = json!([one("Link", "x"), one("Size", "51")]);
    let (_, message) = world.fault("CreateStack", input(parameters)).await;
    assert_eq!(message, "Parameter 'Size' must be a number not greater than 50");
    let parameters = json!([{"ParameterKey": "Link", "UsePreviousValue": true}]);
    assert_eq!(world.fault("CreateStack", input(parameters)).await.0, "ValidationError");
}

#[tokio::test]
async fn what_a_template_makes_must_be_acknowledged() {
    let world = World::new();
    let template = "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}}";
    let input = |capability: &str| json!({"StackName": "s", "TemplateBody": template, "Capabilities": [capability]});
    let (code, message) = world.fault("CreateStack", input("CAPABILITY_IAM")).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    );
    // The next obstacle: there is no such type on this platform.
    let (code, _) = world.fault("CreateStack", input("CAPABILITY_NAMED_IAM")).await;
    assert_eq!(code, "ValidationError");
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'Test::Thing::Thing'}}";
    let input = json!({"StackName": "s", "TemplateBody": sam});
    let (_, message) = world.fault("CreateStack", input).await;
    assert_eq!(message, "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
    let input = json!({"StackName": "s", "TemplateBody": sam, "ChangeSetName": "c",
        "ChangeSetType": "CREATE"});
    world.ok("CreateChangeSet", input).await;
}
