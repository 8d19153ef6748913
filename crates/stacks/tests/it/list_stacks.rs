//! Listing stacks.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn stacks_are_listed_also_those_that_were_deleted() {
    let world = World::new();
    world.create("shop", CHAIN).await;
    world.create("bar", CHAIN).await;
    world.delete("bar").await;
    let names = async |input| {
        let listed = world.ok("ListStacks", input).await;
        let summaries = listed["StackSummaries"].as_array().unwrap().clone();
        summaries.iter().map(|stack| stack["StackName"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(json!({})).await, ["bar", "shop"]);
    assert_eq!(names(json!({"StackStatusFilter": ["DELETE_COMPLETE"]})).await, ["bar"]);
}
