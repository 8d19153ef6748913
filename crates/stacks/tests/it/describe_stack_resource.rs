//! Describing one resource.

use crate::support::World;
use serde_json::json;

#[tokio::test]
async fn a_resource_is_described_with_its_metadata() {
    let world = World::new();
    let template = "Resources: {B: {Type: 'Test::Thing::Thing', Metadata: {Note: hi}}}";
    world.create("shop", template).await;
    let input = json!({"StackName": "shop", "LogicalResourceId": "B"});
    let one = world.ok("DescribeStackResource", input).await["StackResourceDetail"].clone();
    assert_eq!(one["ResourceType"], "Test::Thing::Thing");
    assert_eq!(one["ResourceStatus"], "CREATE_COMPLETE");
    assert_eq!(one["Metadata"], r#"{"Note":"hi"}"#);
    let input = json!({"StackName": "shop", "LogicalResourceId": "X"});
    let (_, message) = world.fault("DescribeStackResource", input).await;
    assert_eq!(message, "Resource X does not exist for stack shop");
}
