use crate::common::{LASTED, World, everywhere, function};
use kv_memory::MemoryEngine;
use serde_json::{Value, json};
use service::Attempted;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

#[tokio::test]
async fn an_invocation_answers_with_result_version_and_log() {
    everywhere(async |world| {
        world.create().await;
        let reply = world.invoke("RequestResponse", &json!({"a": [1]})).await;
        assert_eq!((reply.status, reply.json()), (200, json!({"a": [1]})));
        assert_eq!(reply.headers["x-amz-executed-version"], "$LATEST");
        assert!(!reply.headers.contains_key("x-amz-function-error"));
        let log: service::Base64 =
            serde_json::from_value(reply.headers["x-amz-log-result"].to_str().unwrap().into())
                .unwrap();
        let log = String::from_utf8(log.0.to_vec()).unwrap();
        assert!(log.contains("START RequestId") && log.contains("at work\n"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn an_invocation_that_outlives_every_transaction_runs_once() {
    let elapsed = || Duration::from_secs(LASTED.load(Ordering::Relaxed));
    let world = World::new(Arc::new(MemoryEngine::with_elapsed(elapsed)));
    world.create().await;
    let reply = world.invoke("RequestResponse", &json!({"lasts": 600})).await;
    assert_eq!((reply.status, reply.json()), (200, json!(600)));
}

#[tokio::test]
async fn a_failure_of_the_function_is_an_answer() {
    let world = World::in_memory();
    world.create().await;
    let reply = world.invoke("RequestResponse", &json!({"fail": "no"})).await;
    assert_eq!((reply.status, &reply.json()["errorMessage"]), (200, &json!("no")));
    assert_eq!(reply.headers["x-amz-function-error"], "Unhandled");
}

#[tokio::test]
async fn a_function_acts_as_its_role_and_knows_the_platform() {
    let world = World::in_memory();
    world.create().await;
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIAROOT"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("AWS_REGION", "eu-central-1"),
    ] {
        let reply = world.invoke("RequestResponse", &json!({"environment": name})).await;
        assert_eq!(reply.json(), value, "{name}");
    }
}

#[tokio::test]
async fn a_payload_must_be_json_and_fit() {
    let world = World::in_memory();
    world.create().await;
    let path = "/2015-03-31/functions/f/invocations";
    let reply = world.bed.root().rest("lambda", "POST", path, "{".into()).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.fault().0, "InvalidRequestContentException");
    let synchronous = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
    let event = "1048578 byte payload is too large for the Event invocation type (limit 1048576 \
                 bytes)";
    for (kind, limit, code, message) in [
        ("RequestResponse", 6_291_456, "RequestTooLargeException", synchronous),
        ("Event", 1_048_576, "RequestEntityTooLargeException", event),
    ] {
        let reply = world.invoke(kind, &json!("x".repeat(limit))).await;
        assert_eq!(reply.status, 413);
        assert_eq!(reply.fault(), (code.to_owned(), message.to_owned()));
    }
    let reply = world.bed.root().rest("lambda", "POST", path, "".into()).await;
    assert_eq!(reply.json(), json!({}));
}

#[tokio::test]
async fn a_dry_run_checks_and_runs_nothing() {
    let world = World::in_memory();
    world.create().await;
    assert_eq!(world.invoke("DryRun", &json!({})).await.status, 204);
    assert_eq!(world.functions.pools().status().instances, 0);
}

#[tokio::test]
async fn a_missing_interpreter_is_told_with_its_remedy() {
    let world = World::in_memory();
    let mut input = function();
    input["Runtime"] = json!("python3.99");
    let (code, _) = world.fault("CreateFunction", input).await;
    assert_eq!(code, "ValidationException");
    world.create().await;
    let path = "/2015-03-31/functions/g/invocations";
    assert_eq!(world.bed.root().rest("lambda", "POST", path, "{}".into()).await.status, 404);
}

async fn accepted(world: &World, order: &Value) -> service::delivery::Delivery {
    assert_eq!(world.invoke("Event", order).await.status, 202);
    let mut waiting = world.waiting().await;
    assert_eq!(waiting.len(), 1);
    waiting.remove(0)
}

#[tokio::test]
async fn an_event_is_durable_before_it_is_acknowledged() {
    everywhere(async |world| {
        world.create().await;
        let delivery = accepted(&world, &json!({"a": 1})).await;
        assert!(matches!(world.attempt(&delivery).await, Attempted::Done(then) if then.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn an_event_is_sealed_where_it_waits() {
    let world = World::in_memory();
    world.create().await;
    let mut delivery = accepted(&world, &json!({"password": "hunter2"})).await;
    let stored = serde_json::to_string(&delivery).unwrap();
    assert!(!stored.contains("hunter2") && !stored.contains("password"), "{stored}");
    // It is that of this event and of no other.
    delivery.id = types::RequestId::from_random([3; 16]);
    assert!(world.try_attempt(&delivery).await.is_err());
}

#[tokio::test]
async fn a_failed_event_is_tried_twice_more_and_then_a_dead_letter() {
    let world = World::in_memory();
    let mut input = function();
    input["DeadLetterConfig"] = json!({"TargetArn": crate::common::QUEUE});
    world.ok("CreateFunction", input).await;
    let order = json!({"fail": "no"});
    let mut delivery = accepted(&world, &order).await;
    for wait in [60, 120] {
        let Attempted::Retry { after, state } = world.attempt(&delivery).await else {
            panic!("the event was given up too early");
        };
        assert_eq!(after, Duration::from_secs(wait));
        delivery.state = state;
    }
    let Attempted::Done(letters) = world.attempt(&delivery).await else { panic!("tried again") };
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].target.as_str(), crate::common::QUEUE);
    assert_eq!(letters[0].principal, crate::common::ROLE);
    assert_eq!(letters[0].payload, order.to_string());
    let attribute = |name: &str| letters[0].state[name]["StringValue"].clone();
    assert_eq!(attribute("RequestID"), delivery.id.to_string());
    assert_eq!((attribute("ErrorCode"), attribute("ErrorMessage")), (json!("200"), json!("no")));
}

#[tokio::test]
async fn an_event_that_is_too_old_is_given_up() {
    let world = World::in_memory();
    world.create().await;
    let input = json!({"FunctionName": "f", "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnFailure": {"Destination": crate::common::QUEUE}}});
    world.ok("PutFunctionEventInvokeConfig", input).await;
    let delivery = accepted(&world, &json!({})).await;
    world.bed.advance(Duration::from_secs(61));
    let Attempted::Done(records) = world.attempt(&delivery).await else { panic!("tried again") };
    let record: Value = serde_json::from_str(&records[0].payload).unwrap();
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
}

#[tokio::test]
async fn a_delivery_of_another_service_needs_the_functions_permission() {
    let world = World::in_memory();
    world.create().await;
    let mut delivery = accepted(&world, &json!({})).await;
    delivery.state = Value::Null;
    delivery.principal = "sns.amazonaws.com".to_owned();
    delivery.source = Some("arn:aws:sns:eu-central-1:000000000000:topic".parse().unwrap());
    assert!(matches!(world.attempt(&delivery).await, Attempted::Retry { .. }));
    world.bed.advance(Duration::from_secs(6 * 3600 + 1));
    assert!(matches!(world.attempt(&delivery).await, Attempted::Refused { .. }));
    delivery.created = clock::Clock::now(&world.bed.clock);
    let input = json!({"FunctionName": "f", "StatementId": "topic", "SourceArn": delivery.source,
        "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"});
    world.ok("AddPermission", input).await;
    assert!(matches!(world.attempt(&delivery).await, Attempted::Done(_)));
}

#[tokio::test]
async fn a_throttled_event_waits_longer_each_time_and_for_six_hours_in_all() {
    let world = World::in_memory();
    world.create().await;
    let none = json!({"FunctionName": "f", "ReservedConcurrentExecutions": 0});
    world.ok("PutFunctionConcurrency", none).await;
    let input = json!({"FunctionName": "f",
        "DestinationConfig": {"OnFailure": {"Destination": crate::common::QUEUE}}});
    world.ok("PutFunctionEventInvokeConfig", input).await;
    let mut delivery = accepted(&world, &json!({})).await;
    let mut waits = Vec::new();
    let records = loop {
        match world.attempt(&delivery).await {
            Attempted::Retry { after, state } => {
                waits.push(after);
                delivery.state = state;
                world.bed.advance(after);
            }
            Attempted::Done(records) => break records,
            Attempted::Refused { code, .. } => panic!("{code}"),
        }
    };
    // As long as these seconds, and up to a quarter longer.
    let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(Duration::from_secs);
    for (wait, least) in waits.iter().zip(seconds) {
        assert!((least..=least * 5 / 4).contains(wait), "{waits:?}");
    }
    assert!(waits.iter().sum::<Duration>() > Duration::from_secs(6 * 3600));
    let record: Value = serde_json::from_str(&records[0].payload).unwrap();
    let context = &record["requestContext"];
    assert_eq!(context["condition"], "EventAgeExceeded");
    assert_eq!(context["approximateInvokeCount"], 0);
}
