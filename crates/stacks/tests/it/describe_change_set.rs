//! Describing change sets.

use crate::{create_change_set::input, create_stack::CHAIN, support::World};
use serde_json::{Value, json};

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
