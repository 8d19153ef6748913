//! Nested stacks.

use crate::support::World;
use serde_json::{Value, json};
use testkit::PUBLIC_URL;

const CHILD: &str = "
Parameters: {Size: {Type: Number}}
Resources:
  Inner: {Type: 'Test::Thing::Thing', Properties: {Size: !Ref Size}}
Outputs: {Id: {Value: !Ref Inner, Export: {Name: inner}}}
";

fn parent(size: u32) -> String {
    format!(
        "
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: {PUBLIC_URL}/box/child
      Parameters: {{Size: {size}}}
  Uses: {{Type: 'Test::Thing::Gadget', Properties: {{Link: !GetAtt Child.Outputs.Id, Size: {size}}}}}
Outputs: {{Child: {{Value: !Ref Child}}}}
"
    )
}

async fn created(world: &World) -> String {
    world.outside.put("box/child", CHILD);
    world.create("top", &parent(1)).await;
    assert_eq!(world.status("top").await, "CREATE_COMPLETE");
    child(world).await
}

async fn child(world: &World) -> String {
    world.physical_ids("top").await["Child"].clone()
}

async fn inner(world: &World) -> String {
    let child = child(world).await;
    world.physical_ids(&child).await["Inner"].clone()
}

#[tokio::test]
async fn a_stack_makes_changes_and_deletes_one_of_its_own() {
    let world = World::new();
    let before = world.dump().await;
    let child = created(&world).await;
    let top = world.stack("top").await;
    assert_eq!(top["Outputs"][0]["OutputValue"], child);
    assert_eq!((&top["ParentId"], &top["RootId"]), (&Value::Null, &Value::Null));
    let stack = world.stack(&child).await;
    let name = stack["StackName"].as_str().unwrap();
    assert!(name.starts_with("top-Child-"), "{name}");
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
    assert_eq!((&stack["ParentId"], &stack["RootId"]), (&top["StackId"], &top["StackId"]));
    let events = world.events("top").await;
    let child_events: Vec<&String> = events.iter().filter(|e| e.starts_with("Child")).collect();
    let expected =
        ["Child CREATE_IN_PROGRESS", "Child CREATE_IN_PROGRESS", "Child CREATE_COMPLETE"];
    assert_eq!(child_events, expected);
    let uses = world.physical_ids("top").await["Uses"].clone();
    assert_eq!(world.things.existing()[&uses]["Link"], inner(&world).await);

    world.update("top", &parent(2)).await;
    assert_eq!(world.status("top").await, "UPDATE_COMPLETE");
    assert_eq!(world.status(&child).await, "UPDATE_COMPLETE");
    assert_eq!(world.things.existing()[&inner(&world).await]["Size"], "2");

    let top_id = top["StackId"].as_str().unwrap();
    world.delete("top").await;
    assert_eq!(world.status(top_id).await, "DELETE_COMPLETE");
    assert_eq!(world.status(&child).await, "DELETE_COMPLETE");
    assert!(world.things.existing().is_empty());
    world.settle().await;
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_template_that_changed_under_its_url_updates_the_nested_stack() {
    let world = World::new();
    let child = created(&world).await;
    let set = json!({"StackName": "top", "ChangeSetName": "look", "TemplateBody": parent(1)});
    world.ok("CreateChangeSet", set).await;
    let found =
        world.ok("DescribeChangeSet", json!({"StackName": "top", "ChangeSetName": "look"})).await;
    let change = &found["Changes"][0]["ResourceChange"];
    assert_eq!(
        (&change["LogicalResourceId"], &change["Action"]),
        (&json!("Child"), &json!("Modify"))
    );
    assert_eq!(change["Details"][0]["ChangeSource"], "Automatic");
    world.outside.put(
        "box/child",
        &CHILD.replace("Inner: {", "More: {Type: 'Test::Thing::Thing'}\n  Inner: {"),
    );
    world.update("top", &parent(1)).await;
    assert_eq!(world.status("top").await, "UPDATE_COMPLETE");
    assert_eq!(world.physical_ids(&child).await.len(), 2);
}

#[tokio::test]
async fn a_nested_stack_that_fails_is_told_of_and_deleted() {
    let world = World::new();
    let before = world.dump().await;
    world.outside.put("box/child", CHILD);
    world.things.fail("create Inner", 400, 1);
    world.create("top", &parent(1)).await;
    assert_eq!(world.status("top").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("top", "Child CREATE_FAILED").await;
    assert!(reason.starts_with("Embedded stack arn:aws:cloudformation:"), "{reason}");
    let end = "was not successfully created: The following resource(s) failed to create: [Inner]. ";
    assert!(reason.ends_with(end), "{reason}");
    world.settle().await;
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_template_that_is_not_there_fails_the_creation() {
    let world = World::new();
    world.create("top", &parent(1)).await;
    assert_eq!(world.status("top").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("top", "Child CREATE_FAILED").await;
    assert!(reason.starts_with("S3 error: The specified key does not exist."), "{reason}");
    let local = parent(1).replace(PUBLIC_URL, "s3:/");
    let (_, message) =
        world.fault("CreateStack", json!({"StackName": "x", "TemplateBody": local})).await;
    assert!(message.contains("TemplateURL must be a supported URL"), "{message}");
    let topics = parent(1).replace("Parameters:", "NotificationARNs: [x]\n      Parameters:");
    let (_, message) =
        world.fault("CreateStack", json!({"StackName": "x", "TemplateBody": topics})).await;
    assert!(message.contains("the property NotificationARNs"), "{message}");
}

/// What takes the place of the inner thing, and removes another.
const REPLACED: &str = "
Parameters: {Size: {Type: Number}}
Resources:
  Inner: {Type: 'Test::Thing::Thing', Properties: {Size: !Ref Size, Fixed: new}}
Outputs: {Id: {Value: !Ref Inner, Export: {Name: other}}}
";

#[tokio::test]
async fn an_update_that_fails_after_the_nested_stack_takes_it_back_exactly() {
    let world = World::new();
    let child = created(&world).await;
    let (things, ids) = (world.things.existing(), world.physical_ids(&child).await);
    let outputs = world.stack(&child).await["Outputs"].clone();
    let exports = world.ok("ListExports", json!({})).await;
    world.outside.put("box/child", REPLACED);
    world.things.fail("update Uses", 400, 1);
    world.update("top", &parent(2)).await;
    assert_eq!(world.status("top").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.status(&child).await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.things.existing(), things);
    assert_eq!(world.physical_ids(&child).await, ids);
    assert_eq!(world.stack(&child).await["Outputs"], outputs);
    assert_eq!(world.ok("ListExports", json!({})).await, exports);
    // And again, without the failure.
    world.update("top", &parent(2)).await;
    assert_eq!(world.status("top").await, "UPDATE_COMPLETE");
    assert_eq!(world.status(&child).await, "UPDATE_COMPLETE");
    assert_ne!(world.physical_ids(&child).await, ids);
    assert_eq!(world.things.existing().len(), 2);
}

#[tokio::test]
async fn a_nested_stack_that_cannot_be_updated_takes_itself_back() {
    let world = World::new();
    let child = created(&world).await;
    let things = world.things.existing();
    world.things.fail("update Inner", 400, 1);
    world.update("top", &parent(2)).await;
    assert_eq!(world.status("top").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.status(&child).await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.things.existing(), things);
    let reason = world.reason("top", "Child UPDATE_FAILED").await;
    assert!(
        reason.contains("was not successfully updated. Currently in UPDATE_ROLLBACK_"),
        "{reason}"
    );
    assert!(reason.contains("The following resource(s) failed to update: [Inner]."), "{reason}");
}

#[tokio::test]
async fn a_nested_stack_that_cannot_be_taken_back_can_be_asked_again() {
    let world = World::new();
    let child = created(&world).await;
    world.things.fail("update Inner", 400, 3);
    world.update("top", &parent(2)).await;
    assert_eq!(world.status(&child).await, "UPDATE_ROLLBACK_FAILED");
    assert_eq!(world.status("top").await, "UPDATE_ROLLBACK_FAILED");
    world.ok("ContinueUpdateRollback", json!({"StackName": "top"})).await;
    world.run_jobs().await;
    assert_eq!(world.status("top").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.status(&child).await, "UPDATE_ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn a_nested_stack_that_cannot_be_deleted_keeps_the_one_above() {
    let world = World::new();
    created(&world).await;
    world.things.fail("delete Inner", 400, 1);
    world.delete("top").await;
    assert_eq!(world.status("top").await, "DELETE_FAILED");
    let reason = world.reason("top", "Child DELETE_FAILED").await;
    let end = "was not successfully deleted: The following resource(s) failed to delete: [Inner]. ";
    assert!(reason.ends_with(end), "{reason}");
    world.delete("top").await;
    assert!(world.things.existing().is_empty());
}

#[tokio::test]
async fn the_protection_of_the_top_is_that_of_the_nested_stack() {
    let world = World::new();
    let child = created(&world).await;
    let protect =
        |stack: &str, on: bool| json!({"StackName": stack, "EnableTerminationProtection": on});
    let (_, message) = world.fault("UpdateTerminationProtection", protect(&child, true)).await;
    assert!(message.contains("nested stack"), "{message}");
    world.ok("UpdateTerminationProtection", protect("top", true)).await;
    let (_, message) = world.fault("DeleteStack", json!({"StackName": child})).await;
    assert!(message.contains("while TerminationProtection is enabled"), "{message}");
    world.ok("UpdateTerminationProtection", protect("top", false)).await;
    world.delete(&child).await;
    assert_eq!(world.status(&child).await, "DELETE_COMPLETE");
}

#[tokio::test]
async fn people_may_update_a_nested_stack_themselves() {
    let world = World::new();
    let child = created(&world).await;
    let size = json!([{"ParameterKey": "Size", "ParameterValue": "9"}]);
    world
        .ok(
            "UpdateStack",
            json!({"StackName": child, "UsePreviousTemplate": true, "Parameters": size}),
        )
        .await;
    world.run_jobs().await;
    assert_eq!(world.status(&child).await, "UPDATE_COMPLETE");
    assert_eq!(world.things.existing()[&inner(&world).await]["Size"], "9");
    world.update("top", &parent(1)).await;
    assert_eq!(world.things.existing()[&inner(&world).await]["Size"], "1");
}

#[tokio::test]
async fn stacks_cannot_be_nested_without_end() {
    let world = World::new();
    let endless = format!(
        "Resources: {{Me: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: '{PUBLIC_URL}/box/me'}}}}}}"
    );
    world.outside.put("box/me", &endless);
    world.create("top", &endless).await;
    assert_eq!(world.status("top").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("top", "Me CREATE_FAILED").await;
    assert!(reason.starts_with("Embedded stack "), "{reason}");
    let stacks = world.ok("DescribeStacks", json!({})).await;
    assert_eq!(stacks["Stacks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_output_that_is_not_there_fails_who_asks_for_it() {
    let world = World::new();
    world.outside.put("box/child", CHILD);
    world.create("top", &parent(1).replace("Outputs.Id", "Outputs.None")).await;
    assert_eq!(world.status("top").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("top", "Uses CREATE_FAILED").await;
    assert!(
        reason.contains("Output 'None' not found in stack 'arn:aws:cloudformation:"),
        "{reason}"
    );
}
