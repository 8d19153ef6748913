use crate::{rollback::BEFORE, support::World};
use serde_json::json;

#[tokio::test]
async fn a_stack_has_no_policy_until_it_is_given_one() {
    let world = World::new();
    world.create("shop", BEFORE).await;
    assert_eq!(world.ok("GetStackPolicy", json!({"StackName": "shop"})).await, json!({}));
    let policy = json!({"Statement": {"Effect": "Allow", "Action": "Update:*", "Principal": "*",
        "Resource": "*"}})
    .to_string();
    world.ok("SetStackPolicy", json!({"StackName": "shop", "StackPolicyBody": policy})).await;
    let found = world.ok("GetStackPolicy", json!({"StackName": "shop"})).await;
    assert_eq!(found, json!({"StackPolicyBody": policy}));
    let (_, message) = world.fault("GetStackPolicy", json!({"StackName": "none"})).await;
    assert_eq!(message, "Stack [none] does not exist");
}
