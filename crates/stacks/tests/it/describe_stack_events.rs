//! Events.

use crate::support::World;
use serde_json::json;

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
