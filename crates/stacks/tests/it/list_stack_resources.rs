//! Listing resources.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn resources_are_listed_with_their_physical_ids() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    let answer = world.ok("ListStackResources", json!({"StackName": "shop"})).await;
    let summaries = answer["StackResourceSummaries"].as_array().unwrap();
    assert_eq!(summaries.len(), 3);
    assert_eq!(summaries[0]["LogicalResourceId"], "A");
    assert_eq!(summaries[0]["ResourceStatus"], "CREATE_COMPLETE");
    let (_, message) = world.fault("ListStackResources", json!({"StackName": "none"})).await;
    assert_eq!(message, "Stack with id none does not exist");
}
