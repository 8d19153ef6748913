//! Deleting change sets.

use crate::{create_change_set::input, create_stack::CHAIN, support::World};
use serde_json::json;

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
