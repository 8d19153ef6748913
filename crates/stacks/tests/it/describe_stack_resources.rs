//! Describing the resources of a stack.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

#[tokio::test]
async fn all_resources_or_one_are_described() {
    let world = World::new();
    let id = world.create("shop", CHAIN).await;
    let answer = world.ok("DescribeStackResources", json!({"StackName": "shop"})).await;
    let resources = answer["StackResources"].as_array().unwrap();
    assert_eq!((resources.len(), &resources[0]["StackId"]), (3, &json!(id)));
    let input = json!({"StackName": "shop", "LogicalResourceId": "B"});
    let answer = world.ok("DescribeStackResources", input).await;
    assert_eq!(answer["StackResources"].as_array().unwrap().len(), 1);
    assert_eq!(world.fault("DescribeStackResources", json!({})).await.0, "ValidationError");
}
