//! Listing change sets.

use crate::{create_change_set::input, create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn change_sets_are_listed_until_another_is_executed() {
    let world = World::new();
    for name in ["one", "two"] {
        world.ok("CreateChangeSet", input(name, CHAIN, "CREATE")).await;
    }
    let names = async || {
        let list = world.ok("ListChangeSets", json!({"StackName": "shop"})).await;
        let summaries = list["Summaries"].as_array().unwrap().clone();
        summaries.iter().map(|s| s["ChangeSetName"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["one", "two"]);
    world.ok("ExecuteChangeSet", json!({"StackName": "shop", "ChangeSetName": "two"})).await;
    assert_eq!(names().await, ["two"]);
}
