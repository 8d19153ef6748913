use crate::{
    common::{World, everywhere},
    create_alias::two_versions,
};
use kv::{KeyBuilder, Scan, Tag};
use serde_json::json;
use service::tag;

#[tokio::test]
async fn a_version_goes_only_when_no_alias_names_it() {
    everywhere(async |world| {
        two_versions(&world).await;
        let alias = json!({"FunctionName": "f", "Name": "live"});
        let mut input = alias.clone();
        input["FunctionVersion"] = "1".into();
        world.ok("CreateAlias", input).await;
        let version = json!({"FunctionName": "f", "Qualifier": "1"});
        let (code, text) = world.fault("DeleteFunction", version.clone()).await;
        assert_eq!(code, "ResourceConflictException");
        assert!(text.contains("[live]"), "{text}");
        let input = json!({"FunctionName": "f", "Qualifier": "live"});
        let (code, _) = world.fault("DeleteFunction", input).await;
        assert_eq!(code, "InvalidParameterValueException");
        for _ in 0..2 {
            world.ok("DeleteAlias", alias.clone()).await;
        }
        world.ok("DeleteFunction", version.clone()).await;
        let (code, _) = world.fault("GetFunction", version).await;
        assert_eq!(code, "ResourceNotFoundException");
        world.ok("GetFunction", json!({"FunctionName": "f:2"})).await;
    })
    .await;
}

#[tokio::test]
async fn a_deleted_function_leaves_nothing_but_its_last_number() {
    let world = World::in_memory();
    two_versions(&world).await;
    let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1"});
    world.ok("CreateAlias", input).await;
    let of = json!({"FunctionName": "f", "Qualifier": "live"});
    let mut input = of.clone();
    input["AuthType"] = "NONE".into();
    world.ok("CreateFunctionUrlConfig", input).await;
    let mut input = of;
    input["MaximumRetryAttempts"] = 1.into();
    world.ok("PutFunctionEventInvokeConfig", input).await;
    world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
    let mut left = Vec::new();
    let mut tx = world.bed.platform.store.begin();
    for offset in 0..32 {
        let range = KeyBuilder::new(Tag(tag::FUNCTIONS + offset)).range();
        if !tx.scan(&range, Scan::first(1)).await.unwrap().is_empty() {
            left.push(offset);
        }
    }
    // Packages go after their grace; the last number stays.
    assert_eq!(left, [1, 6]);
}
