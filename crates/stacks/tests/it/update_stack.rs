//! Updating stacks. What an update does to resources, and how it is taken back, is in `rollback`.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn an_update_without_changes_is_refused() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    let same = format!("Description: other words\n{CHAIN}");
    for input in [
        json!({"StackName": "shop", "TemplateBody": CHAIN}),
        json!({"StackName": "shop", "TemplateBody": same}),
        json!({"StackName": "shop", "UsePreviousTemplate": true}),
    ] {
        let (code, message) = world.fault("UpdateStack", input).await;
        assert_eq!(code, "ValidationError");
        assert_eq!(message, "No updates are to be performed.");
    }
    let outputs = CHAIN.replace("GetAtt C.Arn}", "Ref C}");
    world.update("shop", &outputs).await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    assert_eq!(
        world.stack("shop").await["Outputs"][0]["OutputValue"],
        world.physical_ids("shop").await["C"]
    );
}

#[tokio::test]
async fn what_does_not_exist_or_is_not_at_rest_is_not_updated() {
    let world = World::new();
    let input = json!({"StackName": "shop", "TemplateBody": CHAIN});
    let (_, message) = world.fault("UpdateStack", input.clone()).await;
    assert_eq!(message, "Stack [shop] does not exist");
    world.ok("CreateStack", input.clone()).await;
    let (code, message) = world.fault("UpdateStack", input).await;
    assert_eq!(code, "ValidationError");
    assert!(message.ends_with("is in CREATE_IN_PROGRESS state and can not be updated."));
}

#[tokio::test]
async fn tags_of_the_stack_reach_its_resources() {
    let world = World::new();
    let template = "
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Tags: [{Key: own, Value: '1'}]}}
";
    let tags = |value: &str| json!([{"Key": "team", "Value": value}]);
    let input = json!({"StackName": "shop", "TemplateBody": template, "Tags": tags("a")});
    world.ok("CreateStack", input).await;
    world.run_jobs().await;
    let all =
        |world: &World| world.things.existing().into_values().next().unwrap()["AllTags"].clone();
    assert_eq!(all(&world), json!({"own": "1", "team": "a"}));
    let input = json!({"StackName": "shop", "UsePreviousTemplate": true, "Tags": tags("b")});
    world.ok("UpdateStack", input).await;
    world.run_jobs().await;
    assert_eq!(all(&world), json!({"own": "1", "team": "b"}));
    assert_eq!(world.stack("shop").await["Tags"], tags("b"));
    let tags = json!([{"Key": "cost", "Value": "7"}]);
    let input = json!({"StackName": "shop", "UsePreviousTemplate": true, "Tags": tags});
    world.ok("UpdateStack", input).await;
    world.run_jobs().await;
    assert_eq!(all(&world), json!({"cost": "7", "own": "1"}));
    let input = json!({"StackName": "shop", "UsePreviousTemplate": true, "Tags": [
        {"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]});
    assert_eq!(world.fault("UpdateStack", input).await.0, "ValidationError");
}

#[tokio::test]
async fn a_resource_with_a_name_of_its_own_is_not_replaced_by_itself() {
    let world = World::new();
    let template = |fixed: &str| {
        format!(
            "Resources: {{A: {{Type: 'Test::Thing::Thing', Properties: {{Name: a, Fixed: {fixed}}}}}}}"
        )
    };
    world.create("shop", &template("one")).await;
    world.update("shop", &template("two")).await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    let reason = world.reason("shop", "A UPDATE_FAILED").await;
    assert!(reason.contains("Rename a and update the stack again."), "{reason}");
    assert!(world.things.existing().contains_key("a"));
}

#[tokio::test]
async fn a_replaced_resource_can_be_retained() {
    let world = World::new();
    let template = |fixed: &str| {
        format!(
            "Resources: {{A: {{Type: 'Test::Thing::Thing', UpdateReplacePolicy: Retain, \
             Properties: {{Fixed: {fixed}}}}}}}"
        )
    };
    world.create("shop", &template("one")).await;
    world.update("shop", &template("two")).await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    assert_eq!(world.things.existing().len(), 2);
    assert!(world.events("shop").await.contains(&"A DELETE_SKIPPED".to_owned()));
}

#[tokio::test]
async fn another_type_takes_the_place_of_the_old() {
    let world = World::new();
    world.create("shop", "Resources: {A: {Type: 'Test::Thing::Thing'}}").await;
    world.update("shop", "Resources: {A: {Type: 'Test::Thing::Gadget'}}").await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    let left: Vec<String> = world.things.existing().into_keys().collect();
    assert_eq!(left, [world.physical_ids("shop").await["A"].clone()]);
    assert_eq!(world.things.calls(), ["create A", "create A", "delete A"]);
}

#[tokio::test]
async fn a_removed_resource_that_cannot_be_deleted_does_not_stop_the_update() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    world.things.fail("delete C", 400, 1);
    world
        .update("shop", "Resources: {A: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}}")
        .await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    let events = world.events("shop").await;
    assert!(events.contains(&"C DELETE_FAILED".to_owned()), "{events:?}");
    assert_eq!(world.physical_ids("shop").await.into_keys().collect::<Vec<_>>(), ["A"]);
}
