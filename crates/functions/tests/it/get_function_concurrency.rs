use crate::common::World;
use serde_json::json;

#[tokio::test]
async fn one_that_shares_with_all_others_has_nothing_to_tell() {
    let world = World::in_memory();
    world.create().await;
    assert_eq!(world.ok("GetFunctionConcurrency", json!({"FunctionName": "f"})).await, json!({}));
    let (code, _) = world.fault("GetFunctionConcurrency", json!({"FunctionName": "none"})).await;
    assert_eq!(code, "ResourceNotFoundException");
}
