//! Cancelling updates.

use crate::{
    rollback::{AFTER, BEFORE},
    support::World,
};
use serde_json::json;

#[tokio::test]
async fn an_update_is_cancelled() {
    let world = World::new();
    world.create("shop", BEFORE).await;
    let things = world.things.existing();
    let input = json!({"StackName": "shop"});
    let (_, message) = world.fault("CancelUpdateStack", input.clone()).await;
    assert_eq!(message, "CancelUpdateStack cannot be called from current stack status");
    world.ok("UpdateStack", json!({"StackName": "shop", "TemplateBody": AFTER})).await;
    world.ok("CancelUpdateStack", input).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.things.existing(), things);
}
