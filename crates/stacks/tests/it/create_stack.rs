//! Creating stacks.

use crate::support::World;
use serde_json::json;

pub(crate) const CHAIN: &str = "
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}
  B: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref A}}
  C: {Type: 'Test::Thing::Thing', Properties: {Link: !GetAtt B.Arn}}
Outputs:
  Arn: {Value: !GetAtt C.Arn}
";

#[tokio::test]
async fn a_stack_is_created_in_the_order_of_its_references() {
    let world = World::new();
    let id = world.create("shop", CHAIN).await;
    assert!(id.starts_with("arn:aws:cloudformation:eu-central-1:000000000000:stack/shop/"));
    let stack = world.stack("shop").await;
    assert_eq!((&stack["StackStatus"], &stack["StackId"]), (&json!("CREATE_COMPLETE"), &json!(id)));
    assert_eq!(world.things.calls(), ["create A", "create B", "create C"]);
    let ids = world.physical_ids("shop").await;
    let things = world.things.existing();
    assert_eq!(things[&ids["B"]]["Link"], ids["A"]);
    assert_eq!(things[&ids["C"]]["Link"], format!("arn:B:{}", ids["B"]));
    let (name, random) = ids["A"].rsplit_once('-').unwrap();
    assert_eq!((name, random.len()), ("shop-A", 12));
    assert_eq!(stack["Outputs"][0]["OutputValue"], format!("arn:C:{}", ids["C"]));
    let events = world.events("shop").await;
    assert_eq!(events.first().unwrap(), "shop CREATE_IN_PROGRESS");
    assert_eq!(events[1..3], ["A CREATE_IN_PROGRESS", "A CREATE_COMPLETE"]);
    assert_eq!(events.last().unwrap(), "shop CREATE_COMPLETE");
}

#[tokio::test]
async fn resources_that_need_nothing_of_each_other_are_created_side_by_side() {
    let world = World::new();
    let resources: Vec<String> =
        (0..20).map(|n| format!("  T{n}: {{Type: 'Test::Thing::Thing'}}")).collect();
    world.create("wide", &format!("Resources:\n{}", resources.join("\n"))).await;
    assert_eq!(world.status("wide").await, "CREATE_COMPLETE");
    assert_eq!(world.things.0.lock().unwrap().most_flying, 8);
}

#[tokio::test]
async fn a_name_is_taken_once_and_must_be_one() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    let input = |name: &str| json!({"StackName": name, "TemplateBody": CHAIN});
    let (code, message) = world.fault("CreateStack", input("shop")).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("AlreadyExistsException", "Stack [shop] already exists")
    );
    let (code, message) = world.fault("CreateStack", input("7up")).await;
    assert_eq!(code, "ValidationError");
    assert!(message.contains("[a-zA-Z][-a-zA-Z0-9]*"), "{message}");
}

#[tokio::test]
async fn a_request_that_comes_again_with_its_token_creates_nothing() {
    let world = World::new();
    let input = json!({"StackName": "shop", "TemplateBody": CHAIN, "ClientRequestToken": "t1"});
    let first = world.ok("CreateStack", input.clone()).await;
    assert_eq!(world.ok("CreateStack", input).await, first);
    world.run_jobs().await;
    let input = json!({"StackName": "shop", "ClientRequestToken": "t1", "TemplateBody": CHAIN});
    let (code, _) = world.fault("UpdateStack", input).await;
    assert_eq!(code, "TokenAlreadyExistsException");
}
