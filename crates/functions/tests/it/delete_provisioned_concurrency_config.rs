use crate::{
    common::{World, everywhere},
    create_alias::two_versions,
    put_provisioned_concurrency_config::{keep, of, provision, settled},
};
use serde_json::json;

#[tokio::test]
async fn instances_that_were_kept_ready_go() {
    everywhere(async |world| {
        two_versions(&world).await;
        keep(&world);
        provision(&world, "1", 2).await;
        settled(&world, "1", "READY").await;
        for _ in 0..2 {
            world.ok("DeleteProvisionedConcurrencyConfig", of("1")).await;
        }
        while world.functions.pools().status().instances > 0 {
            tokio::task::yield_now().await;
        }
        let settings = world.ok("GetAccountSettings", json!({})).await;
        assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 1_000);
    })
    .await;
}

#[tokio::test]
async fn it_needs_a_version_or_an_alias_that_exists() {
    let world = World::in_memory();
    two_versions(&world).await;
    let delete = "DeleteProvisionedConcurrencyConfig";
    assert_eq!(world.fault(delete, of("$LATEST")).await.0, "InvalidParameterValueException");
    assert_eq!(world.fault(delete, of("none")).await.0, "ResourceNotFoundException");
}
