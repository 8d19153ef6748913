//! The Query protocol, permissions, and on whose behalf resources are touched.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;
use service::Caller;

#[tokio::test]
async fn the_query_protocol_carries_stacks() {
    let world = World::new();
    let root = world.bed.root();
    let reply = root
        .query(
            "cloudformation",
            &[
                ("Action", "CreateStack"),
                ("Version", "2010-05-15"),
                ("StackName", "shop"),
                ("TemplateBody", CHAIN),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", "a"),
            ],
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("<CreateStackResult><StackId>arn:aws:cloudformation:"));
    world.run_jobs().await;
    let describe = [("Action", "DescribeStacks"), ("Version", "2010-05-15"), ("StackName", "shop")];
    let text = root.query("cloudformation", &describe).await.text();
    assert!(text.contains("<StackStatus>CREATE_COMPLETE</StackStatus>"), "{text}");
    assert!(text.contains("<member><Key>team</Key><Value>a</Value></member>"), "{text}");
    assert!(text.contains("<CreationTime>2027-"), "{text}");
    let missing = [("Action", "DescribeStacks"), ("Version", "2010-05-15"), ("StackName", "none")];
    let reply = root.query("cloudformation", &missing).await;
    let expected = ("ValidationError", "Stack with id none does not exist");
    let (code, message) = reply.fault();
    assert_eq!((reply.status, code.as_str(), message.as_str()), (400, expected.0, expected.1));
    let missing = [
        ("Action", "DescribeChangeSet"),
        ("Version", "2010-05-15"),
        ("StackName", "shop"),
        ("ChangeSetName", "none"),
    ];
    let reply = root.query("cloudformation", &missing).await;
    assert_eq!((reply.status, reply.fault().0.as_str()), (404, "ChangeSetNotFound"));
}

/// A user who may do this, as a caller.
async fn user(world: &World, name: &str, action: &str) -> Caller {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let key = world.bed.identities.user(name, &policy.to_string());
    let identities = world.bed.platform.identities().unwrap();
    let mut tx = world.bed.platform.store.begin();
    identities.find(&mut tx, &key, None, world.bed.clock.now()).await.unwrap().caller
}

use clock::Clock;

#[tokio::test]
async fn resources_are_touched_as_who_asked_or_as_the_role() {
    let world = World::new();
    let ada = user(&world, "ada", "cloudformation:*Stack*").await;
    let template = "Resources: {Asks: {Type: 'Test::Thing::Thing'}}";
    let input = json!({"StackName": "shop", "TemplateBody": template});
    world.call_as(&ada, "CreateStack", input).await.unwrap();
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("shop", "Asks CREATE_FAILED").await;
    let denied = "user/ada is not authorized to perform: cloudformation:ListExports";
    assert!(reason.contains(denied), "{reason}");
    let callers = std::mem::take(&mut world.things.0.lock().unwrap().callers);
    assert!(callers.iter().all(|caller| caller.ends_with("user/ada")), "{callers:?}");

    let role = "arn:aws:iam::000000000000:role/deployer";
    let input = json!({"StackName": "two", "TemplateBody": template, "RoleARN": role});
    let fault = world.call_as(&ada, "CreateStack", input.clone()).await.unwrap_err();
    assert!(fault.message().contains("iam:PassRole"), "{fault}");
    world.ok("CreateStack", input).await;
    world.run_jobs().await;
    assert_eq!(world.status("two").await, "CREATE_COMPLETE");
    let callers = std::mem::take(&mut world.things.0.lock().unwrap().callers);
    assert!(callers[0].contains("assumed-role/deployer/AWSCloudFormation"), "{callers:?}");
}

#[tokio::test]
async fn every_operation_of_the_model_is_enforced() {
    testkit::check_operations(
        |platform| {
            vec![stacks::definition(platform, &[7; 32], Vec::new(), std::sync::Arc::new(|_| None))]
        },
        testkit::Hints::default(),
    )
    .await;
}
