//! Creating change sets.

use crate::{create_stack::CHAIN, support::World};
use serde_json::{Value, json};

/// The input of `CreateChangeSet` for the stack `shop`.
pub(crate) fn input(name: &str, template: &str, kind: &str) -> Value {
    json!({"StackName": "shop", "ChangeSetName": name, "TemplateBody": template,
        "ChangeSetType": kind})
}

#[tokio::test]
async fn a_stack_under_review_can_be_deleted_and_is_no_update() {
    let world = World::new();
    let (_, message) = world.fault("CreateChangeSet", input("x", CHAIN, "UPDATE")).await;
    assert_eq!(message, "Stack [shop] does not exist");
    world.ok("CreateChangeSet", input("first", CHAIN, "CREATE")).await;
    let update = json!({"StackName": "shop", "TemplateBody": CHAIN});
    assert_eq!(world.fault("UpdateStack", update).await.0, "ValidationError");
    world.delete("shop").await;
    assert!(world.call("DescribeStacks", json!({"StackName": "shop"})).await.is_err());
    world.create("shop", CHAIN).await;
    let (_, message) = world.fault("CreateChangeSet", input("x", CHAIN, "CREATE")).await;
    assert!(message.contains("already exists and cannot be created again"), "{message}");
    assert_eq!(
        world.fault("CreateChangeSet", input("x", CHAIN, "IMPORT")).await.0,
        "UnsupportedOperation"
    );
}
