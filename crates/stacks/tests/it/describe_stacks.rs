//! Describing stacks.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn stacks_that_exist_are_described_and_deleted_ones_by_their_id() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    let id = world.create("bar", CHAIN).await;
    world.delete("bar").await;
    let all = world.ok("DescribeStacks", json!({})).await;
    let stacks = all["Stacks"].as_array().unwrap();
    assert_eq!((stacks.len(), &stacks[0]["StackName"]), (1, &json!("shop")));
    assert_eq!(world.status(&id).await, "DELETE_COMPLETE");
}
