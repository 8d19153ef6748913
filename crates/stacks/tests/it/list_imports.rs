//! Imports.

use crate::{
    list_exports::{EXPORTER, IMPORTER},
    support::World,
};
use serde_json::json;

#[tokio::test]
async fn an_update_that_fails_holds_no_new_import() {
    let world = World::new();
    world.create("owner", EXPORTER).await;
    world
        .create("user", "Resources: {B: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}}")
        .await;
    world.things.fail("update B", 400, 1);
    world.update("user", IMPORTER).await;
    assert_eq!(world.status("user").await, "UPDATE_ROLLBACK_COMPLETE");
    world.delete("owner").await;
    assert_eq!(world.ok("ListExports", json!({})).await["Exports"], json!([]));
}
