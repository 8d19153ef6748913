//! Wait conditions and the handles to which signals are put.

use crate::support::World;
use serde_json::{Value, json};

fn template(more: &str) -> String {
    format!(
        "
Resources:
  Handle: {{Type: 'AWS::CloudFormation::WaitConditionHandle'}}
  Before: {{Type: 'Test::Thing::Thing', Properties: {{Link: !Ref Handle}}}}
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    DependsOn: Before
    Properties: {{Handle: !Ref Handle, Timeout: '600', {more}}}
Outputs: {{Data: {{Value: !GetAtt Wait.Data}}}}
"
    )
}

/// Begins a stack; the answer is the URL of its handle.
async fn begin(world: &World, more: &str) -> String {
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateBody": template(more)})).await;
    loop {
        assert!(world.run_one_job().await, "there is nothing to do, and no URL");
        let link = world.things.existing().into_values().next();
        if let Some(Value::String(url)) = link.map(|thing| thing["Link"].clone()) {
            return url;
        }
    }
}

async fn signal(world: &World, url: &str, status: &str, id: &str, data: &str) -> u16 {
    let signal = json!({"Status": status, "UniqueId": id, "Data": data, "Reason": "why"});
    world.put_answer(url, signal.to_string()).await
}

#[tokio::test]
async fn a_condition_is_there_once_enough_signals_have_come() {
    let world = World::new();
    let before = world.dump().await;
    let url = begin(&world, "Count: 2").await;
    assert_eq!(signal(&world, &url, "SUCCESS", "a", "one").await, 200);
    assert_eq!(signal(&world, &url, "SUCCESS", "a", "again").await, 200);
    for _ in 0..3 {
        assert!(world.run_one_job().await);
    }
    assert_eq!(world.status("shop").await, "CREATE_IN_PROGRESS", "one id counts once");
    assert_eq!(signal(&world, &url, "SUCCESS", "b", "two").await, 200);
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    let stack = world.stack("shop").await;
    assert_eq!(stack["Outputs"][0]["OutputValue"], r#"{"a":"one","b":"two"}"#);
    assert_eq!(world.physical_ids("shop").await["Handle"], url);
    assert_eq!(signal(&world, &url, "SUCCESS", "c", "").await, 404, "nobody waits any more");

    let changed = json!({"StackName": "shop", "TemplateBody": template("Count: 3")});
    world.ok("UpdateStack", changed).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    let reason = world.reason("shop", "Wait UPDATE_FAILED").await;
    let text = "Update to resource type AWS::CloudFormation::WaitCondition is not supported.";
    assert_eq!(reason, text);
    let id = stack["StackId"].as_str().unwrap();
    world.ok("DeleteStack", json!({"StackName": "shop"})).await;
    world.settle().await;
    assert_eq!(world.status(id).await, "DELETE_COMPLETE");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_failure_ends_the_wait() {
    let world = World::new();
    let url = begin(&world, "Count: 2").await;
    assert_eq!(signal(&world, &url, "FAILURE", "a", "").await, 200);
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("shop", "Wait CREATE_FAILED").await;
    assert_eq!(reason, "WaitCondition received failed message: 'why' for uniqueId: a");
}

#[tokio::test]
async fn a_condition_that_nobody_signals_fails_after_its_time() {
    let world = World::new();
    let url = begin(&world, "Count: 1").await;
    for wrong in [
        "",
        "{}",
        r#"{"Status": "DONE", "UniqueId": "a"}"#,
        r#"{"Status": "SUCCESS"}"#,
        r#"{"Status": "SUCCESS", "UniqueId": "a", "Data": {"b": 1}}"#,
        r#"{"Status": "SUCCESS", "UniqueId": "a", "Reason": 1}"#,
    ] {
        assert_eq!(world.put_answer(&url, wrong.to_owned()).await, 400, "{wrong}");
    }
    assert_eq!(signal(&world, &url, "SUCCESS", "a", &"x".repeat(4_096)).await, 400);
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("shop", "Wait CREATE_FAILED").await;
    assert_eq!(reason, "WaitCondition timed out. Received 0 conditions when expecting 1");
}

#[tokio::test]
async fn what_a_condition_cannot_wait_for_is_refused() {
    let world = World::new();
    for (more, text) in [("Count: 257", "between 1 and 256"), ("Count: x", "between 1 and 256")] {
        let input = json!({"StackName": "shop", "TemplateBody": template(more)});
        let (_, message) = world.fault("CreateStack", input).await;
        assert!(message.contains("resource Wait: property Count") && message.contains(text));
    }
    let other = template("Count: 1").replace("Handle: !Ref Handle, T", "Handle: 'http://a/b', T");
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateBody": other})).await;
    world.run_jobs().await;
    let reason = world.reason("shop", "Wait CREATE_FAILED").await;
    assert!(reason.starts_with("WaitCondition needs, as Handle,"), "{reason}");
}
