//! Stack policies. What a policy says of an action is in `policy`.

use crate::{
    rollback::{AFTER, BEFORE},
    support::World,
};
use serde_json::json;
use testkit::PUBLIC_URL;

fn deny(action: &str, id: &str) -> String {
    json!({"Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": action, "Principal": "*",
         "Resource": format!("LogicalResourceId/{id}")},
    ]})
    .to_string()
}

#[tokio::test]
async fn a_policy_keeps_an_update_from_what_it_denies() {
    for (action, id) in
        [("Update:Modify", "Grows"), ("Update:Replace", "Moves"), ("Update:Delete", "Goes")]
    {
        let world = World::new();
        world.create("shop", BEFORE).await;
        let things = world.things.existing();
        world
            .ok("SetStackPolicy", json!({"StackName": "shop", "StackPolicyBody": deny(action, id)}))
            .await;
        world.update("shop", AFTER).await;
        assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE", "{action}");
        assert_eq!(world.things.existing(), things, "{action}");
        let reason = world.reason("shop", &format!("{id} UPDATE_FAILED")).await;
        assert_eq!(
            reason,
            format!(
                "Action denied by stack policy: Statement [#2] does not allow [{action}] for \
                 resource [LogicalResourceId/{id}];"
            )
        );
        // An update may bring a policy for itself alone.
        let allow = deny("Update:Modify", "Nothing");
        world
            .ok(
                "UpdateStack",
                json!({"StackName": "shop", "TemplateBody": AFTER,
                "StackPolicyDuringUpdateBody": allow}),
            )
            .await;
        world.run_jobs().await;
        assert_eq!(world.status("shop").await, "UPDATE_COMPLETE", "{action}");
        let policy = world.ok("GetStackPolicy", json!({"StackName": "shop"})).await;
        assert_eq!(policy["StackPolicyBody"], deny(action, id));
    }
}

#[tokio::test]
async fn a_policy_comes_with_a_stack_or_from_a_bucket() {
    let world = World::new();
    let policy = deny("Update:Modify", "Grows");
    world.outside.put("box/policy", &policy);
    let url = format!("{PUBLIC_URL}/box/policy");
    world
        .ok(
            "CreateStack",
            json!({"StackName": "shop", "TemplateBody": BEFORE, "StackPolicyURL": url}),
        )
        .await;
    world.run_jobs().await;
    // The policy that comes with an update is for later ones.
    let open = deny("Update:Modify", "Nothing");
    let input = json!({"StackName": "shop", "TemplateBody": AFTER, "StackPolicyBody": open});
    world.ok("UpdateStack", input).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    world.update("shop", AFTER).await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let world = World::new();
    world.create("shop", BEFORE).await;
    for (input, reason) in [
        (json!({"StackPolicyBody": "no"}), "Error validating stack policy: Invalid stack policy"),
        (json!({}), "Either StackPolicyBody or StackPolicyURL must be specified."),
        (
            json!({"StackPolicyBody": "{}", "StackPolicyURL": "http://x/y"}),
            "You cannot specify both StackPolicyURL and StackPolicyBody",
        ),
    ] {
        let mut input = input;
        input["StackName"] = json!("shop");
        let (code, message) = world.fault("SetStackPolicy", input).await;
        assert_eq!((code.as_str(), message.as_str()), ("ValidationError", reason));
    }
}
