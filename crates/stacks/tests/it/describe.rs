//! Describing stacks, resources and events.

use crate::{create_stack::CHAIN, support::World};
use serde_json::{Value, json};

#[tokio::test]
async fn stacks_and_their_resources_are_described() {
    let world = World::new();
    let id = world.create("shop", CHAIN).await;
    world.create("bar", CHAIN).await;
    world.delete("bar").await;
    let all = world.ok("DescribeStacks", json!({})).await;
    assert_eq!(all["Stacks"].as_array().unwrap().len(), 1);
    let listed = world.ok("ListStacks", json!({})).await;
    let names: Vec<&Value> = listed["StackSummaries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stack| &stack["StackName"])
        .collect();
    assert_eq!(names, ["bar", "shop"]);
    let filter = json!({"StackStatusFilter": ["DELETE_COMPLETE"]});
    let listed = world.ok("ListStacks", filter).await;
    assert_eq!(listed["StackSummaries"].as_array().unwrap().len(), 1);
    let resources = world.ok("DescribeStackResources", json!({"StackName": "shop"})).await;
    let resources = resources["StackResources"].as_array().unwrap();
    assert_eq!(resources.len(), 3);
    assert_eq!(resources[0]["StackId"], id);
    let input = json!({"StackName": "shop", "LogicalResourceId": "B"});
    let one = world.ok("DescribeStackResource", input).await["StackResourceDetail"].clone();
    assert_eq!(one["ResourceType"], "Test::Thing::Thing");
    assert_eq!(one["ResourceStatus"], "CREATE_COMPLETE");
    let input = json!({"StackName": "shop", "LogicalResourceId": "X"});
    let (_, message) = world.fault("DescribeStackResource", input).await;
    assert_eq!(message, "Resource X does not exist for stack shop");
}

#[tokio::test]
async fn events_come_in_pages_the_newest_first() {
    let world = World::new();
    let resources: Vec<String> =
        (0..60).map(|n| format!("  T{n}: {{Type: 'Test::Thing::Thing'}}")).collect();
    world.create("wide", &format!("Resources:\n{}", resources.join("\n"))).await;
    let first = world.ok("DescribeStackEvents", json!({"StackName": "wide"})).await;
    let events = first["StackEvents"].as_array().unwrap();
    assert_eq!(events.len(), 100);
    assert_eq!(events[0]["ResourceStatus"], "CREATE_COMPLETE");
    assert_eq!(events[0]["LogicalResourceId"], "wide");
    let input = json!({"StackName": "wide", "NextToken": first["NextToken"]});
    let second = world.ok("DescribeStackEvents", input).await;
    let events = second["StackEvents"].as_array().unwrap();
    assert_eq!(events.len(), 22);
    assert_eq!(events[21]["ResourceStatusReason"], "User Initiated");
    let input = json!({"StackName": "wide", "NextToken": "bad"});
    assert_eq!(world.fault("DescribeStackEvents", input).await.0, "ValidationError");
}
