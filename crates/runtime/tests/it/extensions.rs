//! Extensions: programs beside the runtime, and parts of it.

use crate::{
    client::{Client, Reply},
    fake::{Inside, World, code, invocation, spec, world},
};
use runtime::{InstanceSpec, Outcome, PoolsConfig};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{Notify, mpsc};

/// A function with a layer that has these extensions.
fn layered(names: &[&str]) -> (tempfile::TempDir, InstanceSpec) {
    let folder = tempfile::tempdir().unwrap();
    let extensions = folder.path().join("extensions");
    fs::create_dir(&extensions).unwrap();
    for name in names {
        fs::write(extensions.join(name), "").unwrap();
        fs::set_permissions(extensions.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    // What is no program is no extension.
    fs::write(extensions.join("README"), "").unwrap();
    let mut spec = spec("1");
    spec.layers = Some(folder.path().into());
    spec.timeout = Duration::from_secs(600);
    spec.init_timeout = Duration::from_secs(600);
    (folder, spec)
}

async fn call(client: &mut Client, method: &str, path: &str, headers: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    client.raw(head.as_bytes(), body.as_bytes()).await
}

async fn register(client: &mut Client, name: &str, events: &Value) -> Reply {
    let headers = format!("Lambda-Extension-Name: {name}\r\n");
    let path = "/2020-01-01/extension/register";
    call(client, "POST", path, &headers, &json!({"events": events})).await
}

fn identifier(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let id = reply.header("lambda-extension-identifier").unwrap();
    format!("Lambda-Extension-Identifier: {id}\r\n")
}

async fn next(client: &mut Client, identifier: &str) -> Value {
    let path = "/2020-01-01/extension/event/next";
    let reply = call(client, "GET", path, identifier, &Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.header("lambda-extension-event-identifier").is_some());
    serde_json::from_str(&reply.body).unwrap()
}

/// A runtime that answers every event with `1`.
async fn serve(inside: &Inside) {
    let mut client = inside.client().await;
    loop {
        let id = client.next().await.id();
        client.respond(&id, b"1").await;
    }
}

async fn invoke(world: &World, spec: &InstanceSpec, id: &str) -> Outcome {
    world.pools.invoke(Arc::new(spec.clone()), invocation(id, "{}")).await.unwrap()
}

#[tokio::test]
async fn an_external_extension_follows_the_life_of_its_instance() {
    let (_layers, spec) = layered(&["watcher"]);
    let (seen, mut events) = mpsc::unbounded_channel();
    let world = world(PoolsConfig::default(), move |inside| {
        let seen = seen.clone();
        async move {
            assert_eq!(inside.spec.argv[0], "/bin/sh");
            assert_eq!(inside.spec.argv.last().unwrap(), "/var/task/bootstrap");
            let watch = async {
                let mut client = inside.client().await;
                let reply = register(&mut client, "watcher", &json!(["INVOKE", "SHUTDOWN"])).await;
                let about: Value = serde_json::from_str(&reply.body).unwrap();
                let expected = json!({"functionName": "f", "functionVersion": "$LATEST",
                    "handler": "app.handler"});
                assert_eq!(about, expected);
                let id = identifier(&reply);
                loop {
                    let event = next(&mut client, &id).await;
                    seen.send(event.clone()).unwrap();
                    if event["eventType"] == "SHUTDOWN" {
                        return;
                    }
                }
            };
            tokio::select! {
                () = watch => code(0),
                () = serve(&inside) => code(1),
            }
        }
    });
    for id in ["a", "b"] {
        assert_eq!(&invoke(&world, &spec, id).await.payload[..], b"1");
        let event = events.recv().await.unwrap();
        assert_eq!((&event["eventType"], &event["requestId"]), (&json!("INVOKE"), &json!(id)));
        assert_eq!(event["deadlineMs"], 1_700_000_600_000_u64);
        assert_eq!(event["tracing"]["type"], "X-Amzn-Trace-Id");
        while world.pools.status().busy > 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(world.fake.created(), 1);
    world.pools.shutdown().await;
    let event = events.recv().await.unwrap();
    assert_eq!(event["eventType"], "SHUTDOWN");
    assert_eq!(event["shutdownReason"], "spindown");
    assert_eq!(event["deadlineMs"], 1_700_000_002_000_u64);
}

#[tokio::test]
async fn the_first_event_waits_for_every_extension_and_then_none_registers() {
    let (_layers, spec) = layered(&["one", "two"]);
    let order = Arc::new(Mutex::new(Vec::new()));
    let notes = order.clone();
    let world = world(PoolsConfig::default(), move |inside| {
        let notes = notes.clone();
        async move {
            let note = |what: &str| notes.lock().unwrap().push(what.to_owned());
            let extensions = async {
                let mut clients = Vec::new();
                for name in ["one", "two"] {
                    let mut client = inside.client().await;
                    let id = identifier(&register(&mut client, name, &json!([])).await);
                    clients.push((client, id));
                }
                let again = register(&mut clients[0].0, "one", &json!([])).await;
                assert_eq!(again.status, 403);
                note("registered");
                let ((one, first), (two, second)) = {
                    let mut clients = clients.into_iter();
                    (clients.next().unwrap(), clients.next().unwrap())
                };
                let (mut one, mut two) = (one, two);
                tokio::join!(next(&mut one, &first), next(&mut two, &second));
            };
            let runtime = async {
                let mut client = inside.client().await;
                let id = client.next().await.id();
                note("event");
                let late = register(&mut inside.client().await, "late", &json!([])).await;
                assert!(late.body.contains("Extension.RegistrationClosed"), "{}", late.body);
                client.respond(&id, b"1").await;
            };
            tokio::join!(extensions, runtime);
            code(0)
        }
    });
    assert_eq!(&invoke(&world, &spec, "a").await.payload[..], b"1");
    assert_eq!(*order.lock().unwrap(), ["registered", "event"]);
}

#[tokio::test]
async fn the_caller_does_not_wait_for_extensions_but_the_next_event_does() {
    let (_layers, spec) = layered(&["slow"]);
    let go = Arc::new(Notify::new());
    let gate = go.clone();
    let world = world(PoolsConfig::default(), move |inside| {
        let gate = gate.clone();
        async move {
            let watch = async {
                let mut client = inside.client().await;
                let id = identifier(&register(&mut client, "slow", &json!(["INVOKE"])).await);
                loop {
                    next(&mut client, &id).await;
                    gate.notified().await;
                }
            };
            tokio::select! {
                () = watch => code(0),
                () = serve(&inside) => code(1),
            }
        }
    });
    invoke(&world, &spec, "a").await;
    assert_eq!(world.pools.status().busy, 1, "its extension works");
    invoke(&world, &spec, "b").await;
    assert_eq!(world.fake.created(), 2, "an instance whose extension works took an event");
    go.notify_waiters();
    while world.pools.status().busy > 0 {
        go.notify_waiters();
        tokio::task::yield_now().await;
    }
    invoke(&world, &spec, "c").await;
    assert_eq!(world.fake.created(), 2);
}

#[tokio::test]
async fn an_extension_that_takes_too_long_costs_the_instance() {
    let (_layers, mut spec) = layered(&["stuck"]);
    spec.timeout = Duration::from_secs(1);
    let world = world(PoolsConfig::default(), async |inside| {
        let watch = async {
            let mut client = inside.client().await;
            let events = json!(["INVOKE", "SHUTDOWN"]);
            let id = identifier(&register(&mut client, "stuck", &events).await);
            next(&mut client, &id).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = watch => code(0),
            () = serve(&inside) => code(1),
        }
    });
    assert!(invoke(&world, &spec, "a").await.error.is_none());
    world.fake.ended(0).await;
}

#[tokio::test]
async fn an_instance_that_ends_while_its_extension_works_is_busy_no_longer() {
    let (_layers, spec) = layered(&["slow"]);
    let world = world(PoolsConfig::default(), async |inside| {
        let mut watcher = inside.client().await;
        let id = identifier(&register(&mut watcher, "slow", &json!(["INVOKE"])).await);
        let answer = async {
            let mut client = inside.client().await;
            let event = client.next().await.id();
            client.respond(&event, b"1").await;
        };
        // It has its event and does not ask for the next one.
        tokio::join!(next(&mut watcher, &id), answer);
        code(1)
    });
    assert!(invoke(&world, &spec, "a").await.error.is_none());
    while world.pools.status().busy > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_instance_whose_extension_gives_up_is_busy_no_longer() {
    let (_layers, spec) = layered(&["tired"]);
    let world = world(PoolsConfig::default(), async |inside| {
        let watch = async {
            let mut client = inside.client().await;
            let id = identifier(&register(&mut client, "tired", &json!(["INVOKE"])).await);
            next(&mut client, &id).await;
            let headers = format!("{id}Lambda-Extension-Function-Error-Type: Extension.Tired\r\n");
            let path = "/2020-01-01/extension/exit/error";
            let reply = call(&mut client, "POST", path, &headers, &json!({})).await;
            assert_eq!(reply.status, 202, "{}", reply.body);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = watch => code(0),
            () = serve(&inside) => code(1),
        }
    });
    assert!(invoke(&world, &spec, "a").await.error.is_none());
    world.fake.ended(0).await;
    while world.pools.status().busy > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_extension_that_cannot_start_fails_the_start_with_its_error() {
    let (_layers, spec) = layered(&["broken"]);
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        let id = identifier(&register(&mut client, "broken", &json!(["INVOKE"])).await);
        let headers = format!("{id}Lambda-Extension-Function-Error-Type: Extension.NoConfig\r\n");
        let body = json!({"errorMessage": "no", "errorType": "Extension.NoConfig"});
        let path = "/2020-01-01/extension/init/error";
        let reply = call(&mut client, "POST", path, &headers, &body).await;
        assert_eq!((reply.status, reply.body.as_str()), (202, r#"{"status":"OK"}"#));
        std::future::pending().await
    });
    let outcome = invoke(&world, &spec, "a").await;
    assert_eq!(outcome.error.unwrap().error_type, "Extension.NoConfig");
    assert!(String::from_utf8_lossy(&outcome.payload).contains(r#""errorMessage":"no""#));
}

#[tokio::test]
async fn an_extension_that_crashes_is_named_as_the_reason() {
    let (_layers, spec) = layered(&["crash"]);
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        identifier(&register(&mut client, "crash", &json!(["INVOKE"])).await);
        crate::fake::KILLED
    });
    let outcome = invoke(&world, &spec, "a").await;
    assert_eq!(outcome.error.unwrap().error_type, "Extension.Crash");
}

#[tokio::test]
async fn an_internal_extension_registers_for_invocations_only() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut own = inside.client().await;
        let refused = register(&mut own, "inner", &json!(["SHUTDOWN"])).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("Extension.InvalidEventType"), "{}", refused.body);
        let id = identifier(&register(&mut own, "inner", &json!(["INVOKE"])).await);
        tokio::join!(serve(&inside), async {
            loop {
                assert_eq!(next(&mut own, &id).await["eventType"], "INVOKE");
            }
        });
        code(0)
    });
    for id in ["a", "b"] {
        assert!(invoke(&world, &spec("1"), id).await.error.is_none());
    }
}

#[tokio::test]
async fn what_is_not_supported_or_not_known_is_refused() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        for (method, path, headers, status, text) in [
            ("PUT", "/2020-08-15/logs", "", 501, "Pileus does not support the Logs API"),
            ("PUT", "/2022-07-01/telemetry", "", 501, "Pileus does not support the Telemetry API"),
            ("GET", "/2020-01-01/extension/event/next", "", 403, "Extension.MissingHeader"),
            (
                "GET",
                "/2020-01-01/extension/event/next",
                "Lambda-Extension-Identifier: x\r\n",
                403,
                "Extension.UnknownExtensionIdentifier",
            ),
            ("POST", "/2020-01-01/extension/register", "", 403, "Extension.InvalidExtensionName"),
            ("GET", "/2020-01-01/extension/other", "", 404, "is not an operation"),
        ] {
            let reply = call(&mut client, method, path, headers, &json!({})).await;
            assert_eq!(reply.status, status, "{path}: {}", reply.body);
            assert!(reply.body.contains(text), "{path}: {}", reply.body);
        }
        let wrong = register(&mut client, "inner", &json!(["RESTART"])).await;
        assert!(wrong.body.contains("Extension.InvalidEventType"), "{}", wrong.body);
        serve(&inside).await;
        code(0)
    });
    assert!(invoke(&world, &spec("1"), "a").await.error.is_none());
}
