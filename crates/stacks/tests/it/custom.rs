//! Custom resources: what their function is asked, and what its answers do.

use crate::support::{Things, World};
use kv_memory::MemoryEngine;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:000000000000:function:seed";

fn template(word: &str) -> String {
    format!(
        "
Resources:
  Before: {{Type: 'Test::Thing::Thing'}}
  Seed:
    Type: Custom::Seed
    Properties: {{ServiceToken: '{FUNCTION}', Word: {word}, Number: 7, On: true, Of: !Ref Before}}
  After: {{Type: 'Test::Thing::Thing', Properties: {{Link: !GetAtt Seed.Key}}}}
Outputs: {{Seed: {{Value: !Ref Seed}}}}
"
    )
}

async fn start(world: &World, word: &str) -> Value {
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateBody": template(word)})).await;
    world.event().await
}

/// A stack whose seed has this id.
async fn created(world: &World, id: &str) {
    let event = start(world, "one").await;
    let answer = json!({"PhysicalResourceId": id, "Data": {"Key": "k1"}});
    assert_eq!(world.respond(&event, answer).await, 200);
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
}

async fn update(world: &World, word: &str) -> Value {
    world.ok("UpdateStack", json!({"StackName": "shop", "TemplateBody": template(word)})).await;
    world.event().await
}

#[tokio::test]
async fn a_function_makes_changes_and_deletes_a_resource() {
    let world = World::new();
    let before = world.dump().await;
    let event = start(&world, "one").await;
    let ids = world.physical_ids("shop").await;
    let stack_id = world.stack("shop").await["StackId"].clone();
    let expected = json!({
        "RequestType": "Create",
        "ServiceToken": FUNCTION,
        "ResponseURL": event["ResponseURL"],
        "StackId": stack_id,
        "RequestId": event["RequestId"],
        "LogicalResourceId": "Seed",
        "ResourceType": "Custom::Seed",
        "ResourceProperties": {
            "ServiceToken": FUNCTION, "Word": "one", "Number": "7", "On": "true",
            "Of": ids["Before"],
        },
    });
    assert_eq!(event, expected);
    let answer = json!({"PhysicalResourceId": "seed-1", "Data": {"Key": "k1"}});
    assert_eq!(world.respond(&event, answer.clone()).await, 200);
    // The same again changes nothing; another one is too late.
    assert_eq!(world.respond(&event, answer).await, 200);
    assert_eq!(world.respond(&event, json!({"PhysicalResourceId": "seed-2"})).await, 409);
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    assert_eq!(world.physical_ids("shop").await["Seed"], "seed-1");
    assert_eq!(world.stack("shop").await["Outputs"][0]["OutputValue"], "seed-1");
    let after = world.physical_ids("shop").await["After"].clone();
    assert_eq!(world.things.existing()[&after]["Link"], "k1");
    assert_eq!(world.respond(&event, json!({})).await, 404, "nobody waits any more");

    let event = update(&world, "two").await;
    assert_eq!(event["RequestType"], "Update");
    assert_eq!(event["PhysicalResourceId"], "seed-1");
    assert_eq!(event["ResourceProperties"]["Word"], "two");
    assert_eq!(event["OldResourceProperties"]["Word"], "one");
    world.respond(&event, json!({"Data": {"Key": "k2"}})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    assert_eq!(world.things.existing()[&after]["Link"], "k2");

    world.ok("DeleteStack", json!({"StackName": "shop"})).await;
    let event = world.event().await;
    assert_eq!(event["RequestType"], "Delete");
    assert_eq!(event["PhysicalResourceId"], "seed-1");
    assert_eq!(event["ResourceProperties"]["Word"], "two");
    assert_eq!(event["OldResourceProperties"], Value::Null);
    world.respond(&event, json!({})).await;
    world.settle().await;
    assert_eq!(world.status(stack_id.as_str().unwrap()).await, "DELETE_COMPLETE");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn another_physical_id_is_a_replacement() {
    let world = World::new();
    created(&world, "seed-1").await;
    let event = update(&world, "two").await;
    world.respond(&event, json!({"PhysicalResourceId": "seed-2", "Data": {"Key": "k"}})).await;
    let event = world.event().await;
    assert_eq!(event["RequestType"], "Delete");
    assert_eq!(event["PhysicalResourceId"], "seed-1");
    assert_eq!(event["ResourceProperties"]["Word"], "one");
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    world.respond(&event, json!({})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    assert_eq!(world.physical_ids("shop").await["Seed"], "seed-2");
    let events = world.events("shop").await;
    let begun = events.iter().filter(|event| *event == "Seed DELETE_IN_PROGRESS").count();
    assert_eq!(begun, 1, "{events:?}");
}

#[tokio::test]
async fn a_rollback_updates_back_and_deletes_what_took_the_place() {
    let world = World::new();
    created(&world, "seed-1").await;
    world.things.fail("update After", 400, 1);
    let event = update(&world, "two").await;
    world.respond(&event, json!({"PhysicalResourceId": "seed-2", "Data": {"Key": "k2"}})).await;
    let event = world.event().await;
    assert_eq!(event["RequestType"], "Update");
    assert_eq!(event["PhysicalResourceId"], "seed-2");
    assert_eq!(event["ResourceProperties"]["Word"], "one");
    assert_eq!(event["OldResourceProperties"]["Word"], "two");
    world.respond(&event, json!({"PhysicalResourceId": "seed-1", "Data": {"Key": "k1"}})).await;
    let event = world.event().await;
    assert_eq!(
        (&event["RequestType"], &event["PhysicalResourceId"]),
        (&json!("Delete"), &json!("seed-2"))
    );
    world.respond(&event, json!({})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.physical_ids("shop").await["Seed"], "seed-1");
}

#[tokio::test]
async fn a_rollback_that_makes_a_third_one_deletes_both_others() {
    let world = World::new();
    created(&world, "seed-1").await;
    world.things.fail("update After", 400, 1);
    for id in ["seed-2", "seed-3"] {
        let event = if id == "seed-2" { update(&world, "two").await } else { world.event().await };
        world.respond(&event, json!({"PhysicalResourceId": id, "Data": {"Key": id}})).await;
    }
    let mut deleted = Vec::new();
    for _ in 0..2 {
        let event = world.event().await;
        assert_eq!(event["RequestType"], "Delete");
        deleted.push(event["PhysicalResourceId"].as_str().unwrap().to_owned());
        world.respond(&event, json!({})).await;
    }
    deleted.sort_unstable();
    assert_eq!(deleted, ["seed-1", "seed-2"]);
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.physical_ids("shop").await["Seed"], "seed-3");
}

#[tokio::test]
async fn a_failed_creation_is_deleted_with_the_id_that_it_told() {
    let world = World::new();
    let event = start(&world, "one").await;
    let answer = json!({"Status": "FAILED", "Reason": "no soil", "PhysicalResourceId": "seed-1"});
    world.respond(&event, answer).await;
    let deletion = world.event().await;
    assert_eq!(deletion["RequestType"], "Delete");
    assert_eq!(deletion["PhysicalResourceId"], "seed-1");
    let reason = world.reason("shop", "Seed CREATE_FAILED").await;
    let id = event["RequestId"].as_str().unwrap();
    assert_eq!(
        reason,
        format!(
            "Received response status [FAILED] from custom resource. Message returned: no soil \
             (RequestId: {id})"
        )
    );
    world.respond(&deletion, json!({"Status": "FAILED", "Reason": "rooted"})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_FAILED");
    let reason = world.reason("shop", "Seed DELETE_FAILED").await;
    assert!(reason.contains("Message returned: rooted"), "{reason}");
}

#[tokio::test]
async fn a_function_that_does_not_answer_fails_after_its_time() {
    let world = World::new();
    let timed = template("one").replace("Word:", "ServiceTimeout: 90, Word:");
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateBody": timed})).await;
    let event = world.event().await;
    assert_eq!(event["ResourceProperties"]["ServiceTimeout"], "90");
    let began = world.bed.clock.now();
    let deletion = world.event().await;
    let passed = world.bed.clock.now().since(began);
    assert!((Duration::from_secs(89)..Duration::from_secs(120)).contains(&passed), "{passed:?}");
    let reason = world.reason("shop", "Seed CREATE_FAILED").await;
    let id = event["RequestId"].as_str().unwrap();
    let start = "CloudFormation did not receive a response from your Custom Resource. Please check";
    assert!(reason.starts_with(start) && reason.contains(&format!("[{id}]")), "{reason}");
    // It may have made something: it is asked to delete it, under the id that it got.
    assert_eq!(deletion["RequestType"], "Delete");
    let physical_id = deletion["PhysicalResourceId"].as_str().unwrap();
    assert!(physical_id.starts_with("shop-Seed-"), "{physical_id}");
    assert_eq!(world.respond(&event, json!({"PhysicalResourceId": "late"})).await, 403);
    world.respond(&deletion, json!({})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
}

use clock::Clock;

#[tokio::test]
async fn a_function_that_is_not_there_fails_the_creation() {
    let world = World::new();
    world.outside.refuse(service::Fault::sender("ResourceNotFoundException", "Function not found"));
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateBody": template("one")})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("shop", "Seed CREATE_FAILED").await;
    assert_eq!(reason, "Function not found (ResourceNotFoundException)");
}

#[tokio::test]
async fn a_failure_elsewhere_ends_the_wait() {
    let world = World::new();
    world.things.fail("create Other", 400, 1);
    let both = template("one")
        .replace("  After:", "  Other: {Type: 'Test::Thing::Thing', DependsOn: Before}\n  After:");
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateBody": both})).await;
    let create = world.event().await;
    let deletion = world.event().await;
    assert_eq!(
        (&create["RequestType"], &deletion["RequestType"]),
        (&json!("Create"), &json!("Delete"))
    );
    assert_eq!(world.reason("shop", "Seed CREATE_FAILED").await, "Resource creation cancelled");
    world.respond(&deletion, json!({})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn wrong_answers_are_failures() {
    let long = "x".repeat(4_097);
    for (members, reason) in [
        (json!({"PhysicalResourceId": null}), "Invalid PhysicalResourceId"),
        (json!({"PhysicalResourceId": "a", "RequestId": "other"}), "Invalid RequestId"),
        (json!({"PhysicalResourceId": "a", "StackId": "other"}), "Invalid StackId"),
        (json!({"PhysicalResourceId": "a", "Status": "OK"}), "Invalid Status"),
        (json!({"PhysicalResourceId": "a", "Data": "text"}), "Invalid Data"),
        (json!({"PhysicalResourceId": "a", "Data": {"Key": long}}), "Response object is too long."),
    ] {
        let world = World::new();
        let event = start(&world, "one").await;
        assert_eq!(world.respond(&event, members.clone()).await, 200);
        let deletion = world.event().await;
        let told = world.reason("shop", "Seed CREATE_FAILED").await;
        assert!(told.starts_with(reason), "{members}: {told}");
        world.respond(&deletion, json!({})).await;
        world.run_jobs().await;
        assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
    }
    let world = World::new();
    created(&world, "seed-1").await;
    let missing = template("one").replace("Seed.Key", "Seed.Other");
    let input = json!({"StackName": "shop", "TemplateBody": missing});
    let (_, reason) = world.fault("UpdateStack", input).await;
    assert!(reason.contains("Vendor response doesn't contain Other attribute"), "{reason}");
}

#[tokio::test]
async fn only_the_url_of_the_request_takes_an_answer() {
    let world = World::new();
    let event = start(&world, "one").await;
    let url = event["ResponseURL"].as_str().unwrap();
    let (start, token) = url.rsplit_once("token=").unwrap();
    let other = event["RequestId"].as_str().unwrap();
    for wrong in [
        format!("{start}token={}", "0".repeat(64)),
        format!("{start}token="),
        start.to_owned(),
        url.replace("/shop/", "/shoe/"),
        url.replace(other, "00000000-0000-4000-8000-000000000000"),
        url.replace("expires=", "expires=9"),
        format!("{start}token={}", token.to_uppercase().replace(char::is_numeric, "1")),
    ] {
        assert_eq!(world.put_answer(&wrong, "{}".to_owned()).await, 403, "{wrong}");
    }
    let path = url.strip_prefix(testkit::PUBLIC_URL).unwrap();
    let got = world.bed.anonymous().rest("cloudformation", "GET", path, "".into()).await;
    assert_eq!(got.status, 405);
    assert_eq!(
        world.respond(&event, json!({"PhysicalResourceId": "a", "Data": {"Key": "k"}})).await,
        200
    );
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
}

#[tokio::test]
async fn functions_of_node_answer_over_tls_and_others_at_the_public_url() {
    let over_tls = format!("https://{}{}", stacks::RESPONSES_HOST, stacks::RESPONSES_PATH);
    let public = format!("{}{}", testkit::PUBLIC_URL, stacks::RESPONSES_PATH);
    let own_trust = json!({"Variables": {"NODE_EXTRA_CA_CERTS": "/var/task/ca.pem"}});
    for (configuration, base) in [
        (json!({"Runtime": "nodejs24.x"}), &over_tls),
        (json!({"Runtime": "nodejs24.x", "Environment": {"Variables": {"A": "b"}}}), &over_tls),
        (json!({"Runtime": "nodejs24.x", "Environment": own_trust}), &public),
        (json!({"Runtime": "python3.12"}), &public),
        (json!({"PackageType": "Image"}), &public),
    ] {
        let world = World::new();
        world.outside.configure(configuration.clone());
        let event = start(&world, "one").await;
        let url = event["ResponseURL"].as_str().unwrap();
        assert!(url.starts_with(base), "{configuration}: {url}");
        let answer = json!({"PhysicalResourceId": "a", "Data": {"Key": "k"}});
        assert_eq!(world.respond(&event, answer).await, 200);
        world.run_jobs().await;
        assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    }
    // Who may give the function events but not read its configuration.
    let url = start(&World::new(), "one").await["ResponseURL"].clone();
    assert!(url.as_str().unwrap().starts_with(&public), "{url}");
}

#[tokio::test]
async fn a_token_that_is_no_function_is_refused() {
    let world = World::new();
    for (token, reason) in [
        (
            "arn:aws:sns:eu-central-1:000000000000:topic",
            "Pileus does not support topics as ServiceToken",
        ),
        ("seed", "Invalid service token: seed"),
    ] {
        let input =
            json!({"StackName": "shop", "TemplateBody": template("one").replace(FUNCTION, token)});
        let (_, message) = world.fault("CreateStack", input).await;
        assert!(message.contains(reason), "{message}");
    }
    let long = template("one").replace("Word:", "ServiceTimeout: 3601, Word:");
    let (_, message) =
        world.fault("CreateStack", json!({"StackName": "s", "TemplateBody": long})).await;
    assert!(message.contains("between 1 and 3600"), "{message}");
    created(&world, "seed-1").await;
    let other = template("one").replace(":seed", ":weed");
    world.ok("UpdateStack", json!({"StackName": "shop", "TemplateBody": other})).await;
    world.run_jobs().await;
    let reason = world.reason("shop", "Seed UPDATE_FAILED").await;
    assert_eq!(reason, "Modifying service token is not allowed.");
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.physical_ids("shop").await["Seed"], "seed-1");
}

#[tokio::test]
async fn another_process_hears_the_answer_to_what_this_one_asked() {
    let engine = Arc::new(MemoryEngine::new());
    let world = World::on(engine.clone(), Things::default());
    let event = start(&world, "one").await;
    let things = world.things.clone();
    drop(world);
    let world = World::on(engine, things);
    world.bed.advance(Duration::from_secs(60));
    assert!(world.run_one_job().await);
    assert_eq!(world.outside.events(), Vec::<Value>::new(), "it is asked once");
    world.respond(&event, json!({"PhysicalResourceId": "seed-1", "Data": {"Key": "k"}})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
}
