use crate::common::World;
use serde_json::json;

#[tokio::test]
async fn nothing_reserved_can_be_given_back() {
    let world = World::in_memory();
    world.create().await;
    world.ok("DeleteFunctionConcurrency", json!({"FunctionName": "f"})).await;
    let (code, _) = world.fault("DeleteFunctionConcurrency", json!({"FunctionName": "none"})).await;
    assert_eq!(code, "ResourceNotFoundException");
}
