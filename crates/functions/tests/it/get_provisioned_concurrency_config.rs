use crate::{
    common::World,
    create_alias::two_versions,
    put_provisioned_concurrency_config::{keep, of, provision, settled},
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn what_is_not_provisioned_is_not_found() {
    let world = World::in_memory();
    two_versions(&world).await;
    let get = "GetProvisionedConcurrencyConfig";
    let (code, text) = world.fault(get, of("1")).await;
    assert_eq!(code, "ProvisionedConcurrencyConfigNotFoundException");
    assert_eq!(text, "No Provisioned Concurrency Config found for this function");
    let (code, text) = world.fault(get, of("$LATEST")).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(text, "The function resource provided must be an alias or a published version.");
    for gone in ["9", "none"] {
        assert_eq!(world.fault(get, of(gone)).await.0, "ResourceNotFoundException");
    }
}

#[tokio::test]
async fn why_there_are_no_instances_is_told_until_there_are() {
    let world = World::in_memory();
    world.create().await;
    let runtime = json!({"FunctionName": "f", "Runtime": "python3.15"});
    world.ok("UpdateFunctionConfiguration", runtime).await;
    world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
    keep(&world);
    provision(&world, "1", 2).await;
    let told = settled(&world, "1", "FAILED").await;
    let reason = told["StatusReason"].as_str().unwrap();
    assert!(reason.contains("no interpreter for python3.15 is installed"), "{reason}");
    assert_eq!(told["AvailableProvisionedConcurrentExecutions"], 0);
    world.bed.clock.advance(Duration::from_secs(1));
    settled(&world, "1", "FAILED").await;
}
