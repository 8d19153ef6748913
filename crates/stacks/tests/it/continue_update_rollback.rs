//! Continuing rollbacks.

use crate::{
    rollback::{AFTER, BEFORE},
    support::World,
};
use serde_json::json;

#[tokio::test]
async fn a_rollback_that_fails_can_be_continued() {
    let world = World::new();
    world.create("shop", BEFORE).await;
    let things = world.things.existing();
    world.things.fail("create Comes", 400, 1);
    world.ok("UpdateStack", json!({"StackName": "shop", "TemplateBody": AFTER})).await;
    let input = json!({"StackName": "shop"});
    let (code, _) = world.fault("ContinueUpdateRollback", input.clone()).await;
    assert_eq!(code, "ValidationError");
    // The forward update works; the update back does not.
    world.things.0.lock().unwrap().fail_after = Some(("update Grows".to_owned(), 1));
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_FAILED");
    let (_, message) =
        world.fault("UpdateStack", json!({"StackName": "shop", "TemplateBody": AFTER})).await;
    assert!(message.ends_with("is in UPDATE_ROLLBACK_FAILED state and can not be updated."));
    world.ok("ContinueUpdateRollback", input).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.things.existing(), things);
}
