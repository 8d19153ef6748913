use crate::{rollback::BEFORE, support::World};
use serde_json::json;

#[tokio::test]
async fn a_protected_stack_is_not_deleted() {
    let world = World::new();
    world.create("shop", BEFORE).await;
    let protect = |on: bool| json!({"StackName": "shop", "EnableTerminationProtection": on});
    let answer = world.ok("UpdateTerminationProtection", protect(true)).await;
    assert_eq!(answer["StackId"], world.stack("shop").await["StackId"]);
    assert_eq!(world.stack("shop").await["EnableTerminationProtection"], true);
    let (_, message) = world.fault("DeleteStack", json!({"StackName": "shop"})).await;
    assert_eq!(message, "Stack [shop] cannot be deleted while TerminationProtection is enabled");
    world.ok("UpdateTerminationProtection", protect(false)).await;
    let id = world.stack("shop").await["StackId"].as_str().unwrap().to_owned();
    world.delete("shop").await;
    let (_, message) = world
        .fault(
            "UpdateTerminationProtection",
            json!({"StackName": id, "EnableTerminationProtection": true}),
        )
        .await;
    assert!(message.contains("DELETE_COMPLETE"), "{message}");
}
