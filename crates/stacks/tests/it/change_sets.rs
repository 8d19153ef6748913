//! Change sets.

use crate::{create_stack::CHAIN, support::World};
use serde_json::{Value, json};

fn input(name: &str, template: &str, kind: &str) -> Value {
    json!({"StackName": "shop", "ChangeSetName": name, "TemplateBody": template,
        "ChangeSetType": kind})
}

#[tokio::test]
async fn a_stack_is_created_and_updated_by_change_sets() {
    let world = World::new();
    let answer = world.ok("CreateChangeSet", input("first", CHAIN, "CREATE")).await;
    assert_eq!(world.status("shop").await, "REVIEW_IN_PROGRESS");
    let by_id = world.ok("DescribeChangeSet", json!({"ChangeSetName": answer["Id"]})).await;
    assert_eq!(
        (&by_id["Status"], &by_id["ExecutionStatus"]),
        (&json!("CREATE_COMPLETE"), &json!("AVAILABLE"))
    );
    let actions: Vec<&Value> = by_id["Changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["ResourceChange"]["Action"])
        .collect();
    assert_eq!(actions, [&json!("Add"); 3]);
    assert!(world.things.existing().is_empty());
    let name = json!({"StackName": "shop", "ChangeSetName": "first"});
    world.ok("ExecuteChangeSet", name.clone()).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    let done = world.ok("DescribeChangeSet", name).await;
    assert_eq!(done["ExecutionStatus"], "EXECUTE_COMPLETE");
    assert_eq!(world.stack("shop").await["ChangeSetId"], answer["Id"]);

    let changed = CHAIN.replace("Size: 1", "Size: 2, Fixed: x");
    world.ok("CreateChangeSet", input("second", &changed, "UPDATE")).await;
    let name = json!({"StackName": "shop", "ChangeSetName": "second"});
    let second = world.ok("DescribeChangeSet", name.clone()).await;
    let changes = second["Changes"].as_array().unwrap();
    let of = |id: &str| {
        let found = changes.iter().find(|c| c["ResourceChange"]["LogicalResourceId"] == id);
        found.unwrap()["ResourceChange"].clone()
    };
    assert_eq!((&of("A")["Action"], &of("A")["Replacement"]), (&json!("Modify"), &json!("True")));
    assert_eq!(of("B")["Replacement"], "False");
    let detail = &of("B")["Details"][0];
    assert_eq!(
        (&detail["Target"]["Name"], &detail["Evaluation"]),
        (&json!("Link"), &json!("Dynamic"))
    );
    let list = world.ok("ListChangeSets", json!({"StackName": "shop"})).await;
    assert_eq!(list["Summaries"].as_array().unwrap().len(), 2);
    world.ok("ExecuteChangeSet", name.clone()).await;
    let (code, _) = world.fault("ExecuteChangeSet", name).await;
    assert_eq!(code, "InvalidChangeSetStatusException");
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_change_set_without_changes_failed() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    world.ok("CreateChangeSet", input("none", CHAIN, "UPDATE")).await;
    let name = json!({"StackName": "shop", "ChangeSetName": "none"});
    let described = world.ok("DescribeChangeSet", name.clone()).await;
    assert_eq!(described["Status"], "FAILED");
    assert_eq!(
        described["StatusReason"],
        "The submitted information didn't contain changes. Submit different information to create \
         a change set."
    );
    let (code, _) = world.fault("ExecuteChangeSet", name.clone()).await;
    assert_eq!(code, "InvalidChangeSetStatusException");
    let (code, _) = world.fault("CreateChangeSet", input("none", CHAIN, "UPDATE")).await;
    assert_eq!(code, "AlreadyExistsException");
    world.ok("DeleteChangeSet", name.clone()).await;
    world.ok("DeleteChangeSet", name.clone()).await;
    let (code, message) = world.fault("DescribeChangeSet", name).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ChangeSetNotFoundException", "ChangeSet [none] does not exist")
    );
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

#[tokio::test]
async fn a_failed_creation_marks_its_change_set() {
    let world = World::new();
    world.things.fail("create C", 400, 1);
    world.ok("CreateChangeSet", input("first", CHAIN, "CREATE")).await;
    let name = json!({"StackName": "shop", "ChangeSetName": "first"});
    world.ok("ExecuteChangeSet", name.clone()).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
    assert_eq!(world.ok("DescribeChangeSet", name).await["ExecutionStatus"], "EXECUTE_FAILED");
}
