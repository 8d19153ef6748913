//! Deleting stacks.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn a_stack_is_deleted_dependents_first_and_its_name_is_free() {
    let world = World::new();
    let id = world.create("shop", CHAIN).await;
    world.things.calls();
    world.delete("shop").await;
    assert_eq!(world.things.calls(), ["delete C", "delete B", "delete A"]);
    let stack = world.stack(&id).await;
    assert_eq!(stack["StackStatus"], "DELETE_COMPLETE");
    assert!(stack["DeletionTime"].is_number());
    let (_, message) = world.fault("DescribeStacks", json!({"StackName": "shop"})).await;
    assert_eq!(message, "Stack with id shop does not exist");
    // What does not exist is deleted.
    world.delete("shop").await;
    assert_ne!(world.create("shop", CHAIN).await, id);
}

#[tokio::test]
async fn what_is_retained_stays() {
    let world = World::new();
    let template = "
Resources:
  Kept: {Type: 'Test::Thing::Thing', DeletionPolicy: Retain}
  Gone: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref Kept}}
";
    let id = world.create("shop", template).await;
    let kept = world.physical_ids("shop").await["Kept"].clone();
    world.delete("shop").await;
    assert_eq!(world.status(&id).await, "DELETE_COMPLETE");
    assert_eq!(world.things.existing().into_keys().collect::<Vec<_>>(), [kept]);
    assert!(world.events(&id).await.contains(&"Kept DELETE_SKIPPED".to_owned()));
}

#[tokio::test]
async fn a_protected_stack_is_not_deleted() {
    let world = World::new();
    let input = json!({"StackName": "shop", "TemplateBody": CHAIN,
        "EnableTerminationProtection": true});
    world.ok("CreateStack", input).await;
    world.run_jobs().await;
    let (code, message) = world.fault("DeleteStack", json!({"StackName": "shop"})).await;
    assert_eq!(code, "ValidationError");
    assert_eq!(message, "Stack [shop] cannot be deleted while TerminationProtection is enabled");
}

#[tokio::test]
async fn a_deletion_that_fails_can_be_tried_again_or_leave_something_alone() {
    let world = World::new();
    let id = world.create("shop", CHAIN).await;
    let input = json!({"StackName": "shop", "RetainResources": ["B"]});
    assert_eq!(world.fault("DeleteStack", input.clone()).await.0, "ValidationError");
    world.things.fail("delete B", 400, 2);
    world.delete("shop").await;
    assert_eq!(world.status("shop").await, "DELETE_FAILED");
    assert_eq!(
        world.stack("shop").await["StackStatusReason"],
        "The following resource(s) failed to delete: [B]. "
    );
    assert_eq!(world.things.existing().len(), 2, "A is needed by B");
    world.delete("shop").await;
    assert_eq!(world.status("shop").await, "DELETE_FAILED");
    world.ok("DeleteStack", input).await;
    world.run_jobs().await;
    assert_eq!(world.status(&id).await, "DELETE_COMPLETE");
    assert_eq!(world.things.existing().len(), 1);
}

#[tokio::test]
async fn a_stack_that_is_being_created_can_be_deleted() {
    let world = World::new();
    let input = json!({"StackName": "shop", "TemplateBody": CHAIN});
    let id = world.ok("CreateStack", input).await["StackId"].as_str().unwrap().to_owned();
    let (_, record) = world.due_job().await.unwrap();
    let deploy = world.deploy();
    let delete = async {
        while world.things.existing().is_empty() {
            tokio::task::yield_now().await;
        }
        world.ok("DeleteStack", json!({"StackName": "shop"})).await;
    };
    let (step, ()) = futures_util::future::join(deploy.step(&record), delete).await;
    assert!(step.is_ok());
    world.run_jobs().await;
    assert_eq!(world.status(&id).await, "DELETE_COMPLETE");
    assert!(world.things.existing().is_empty());
    assert!(!world.things.calls().contains(&"create C".to_owned()));
}

#[tokio::test]
async fn a_deleted_stack_is_forgotten_after_ninety_days() {
    let world = World::new();
    let id = world.create("shop", CHAIN).await;
    world.delete("shop").await;
    world.bed.advance(std::time::Duration::from_secs(91 * 24 * 60 * 60));
    world.run_jobs().await;
    let (_, message) = world.fault("DescribeStacks", json!({"StackName": id})).await;
    assert!(message.ends_with("does not exist"));
}
