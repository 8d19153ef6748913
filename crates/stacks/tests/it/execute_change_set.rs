//! Executing change sets.

use crate::{create_change_set::input, create_stack::CHAIN, support::World};
use serde_json::json;

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
