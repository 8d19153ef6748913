use crate::{
    common::{FUNCTION, QUEUE, World, everywhere},
    put_function_recursion_config::ran,
};
use serde_json::{Value, json};
use service::{BatchOutcome, mapping};

fn input() -> Value {
    json!({"EventSourceArn": QUEUE, "FunctionName": "f", "BatchSize": 5,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2}})
}

#[tokio::test]
async fn a_mapping_is_what_the_router_reads() {
    everywhere(async |world| {
        world.create().await;
        let answer = world.ok("CreateEventSourceMapping", input()).await;
        assert_eq!(
            (&answer["State"], &answer["FunctionArn"]),
            (&json!("Creating"), &json!(FUNCTION))
        );
        let platform = &world.bed.platform;
        let mut tx = platform.store.begin();
        let all = mapping::list(&mut tx, &platform.account, &platform.region, 10).await.unwrap();
        assert_eq!((all[0].batch_size, all[0].max_concurrency), (5, Some(2)));
        assert!(all[0].enabled && all[0].reports_item_failures);
        let (code, message) = world.fault("CreateEventSourceMapping", input()).await;
        assert_eq!(code, "ResourceConflictException");
        assert!(message.ends_with(answer["UUID"].as_str().unwrap()), "{message}");
    })
    .await;
}

#[tokio::test]
async fn filters_are_kept_until_they_are_replaced() {
    let world = World::in_memory();
    world.create().await;
    let criteria = json!({"Filters": [{"Pattern": r#"{"body": {"n": [{"numeric": [">", 1]}]}}"#}]});
    let mut input = input();
    input["FilterCriteria"].clone_from(&criteria);
    let answer = world.ok("CreateEventSourceMapping", input).await;
    assert_eq!(answer["FilterCriteria"], criteria);
    let id = &answer["UUID"];
    let other = json!({"UUID": id, "BatchSize": 2});
    let answer = world.ok("UpdateEventSourceMapping", other).await;
    assert_eq!(answer["FilterCriteria"], criteria);
    let none = json!({"UUID": id, "FilterCriteria": {}});
    let answer = world.ok("UpdateEventSourceMapping", none).await;
    assert_eq!(answer.get("FilterCriteria"), None);
}

#[tokio::test]
async fn what_a_queue_does_not_allow_is_refused() {
    let world = World::in_memory();
    world.create().await;
    let refused = async |change: &[(&str, Value)]| {
        let mut input = input();
        change.iter().for_each(|(name, value)| input[*name] = value.clone());
        world.fault("CreateEventSourceMapping", input).await
    };
    let (_, message) = refused(&[("BatchSize", json!(11))]).await;
    assert!(message.starts_with("Maximum batch window in seconds must be greater than 0"));
    let fifo = json!("arn:aws:sqs:eu-central-1:000000000000:jobs.fifo");
    let change = [("EventSourceArn", fifo), ("MaximumBatchingWindowInSeconds", json!(1))];
    let (_, message) = refused(&change).await;
    assert_eq!(message, "Batching window is not supported for FIFO queues");
    let missing = json!("arn:aws:sqs:eu-central-1:000000000000:other");
    let (_, message) = refused(&[("EventSourceArn", missing)]).await;
    assert!(message.ends_with("The specified queue does not exist."), "{message}");
    let filter = json!({"Filters": [{"Pattern": "{\"body\": \"x\"}"}]});
    let (code, message) = refused(&[("FilterCriteria", filter)]).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(message.starts_with("Invalid filter pattern definition."), "{message}");
    let filter = json!({"Filters": [{"Pattern": "{\"Body\": [\"x\"]}"}]});
    assert!(refused(&[("FilterCriteria", filter)]).await.1.ends_with("not by Body"));
    let filter = json!({"Filters": vec![json!({"Pattern": "{\"body\": [\"x\"]}"}); 6]});
    let (code, _) = refused(&[("FilterCriteria", filter)]).await;
    assert_eq!(code, "InvalidParameterValueException");
    let stream = json!("arn:aws:kinesis:eu-central-1:000000000000:stream/s");
    assert_eq!(refused(&[("EventSourceArn", stream)]).await.0, "UnsupportedOperation");
    let slow = json!({"FunctionName": "f", "Timeout": 31});
    world.ok("UpdateFunctionConfiguration", slow).await;
    let (code, message) = refused(&[]).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(
        message,
        "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
    );
}

#[tokio::test]
async fn the_router_invokes_and_learns_what_came_of_it() {
    let world = World::in_memory();
    world.create().await;
    let invoker = functions::invoker(&world.functions);
    let arn = FUNCTION.parse().unwrap();
    assert_eq!(invoker.role(&arn).await.unwrap().as_str(), crate::common::ROLE);
    let outcome =
        invoker.invoke_batch(&arn, r#"{"reply":{"batchItemFailures":[]}}"#.into(), &[None]).await;
    let response = r#"{"batchItemFailures":[]}"#.into();
    assert_eq!(outcome.unwrap(), BatchOutcome::Success { response });
    let outcome = invoker.invoke_batch(&arn, r#"{"fail":"no"}"#.into(), &[None]).await.unwrap();
    assert!(matches!(outcome, BatchOutcome::FunctionError { message } if message.contains("no")));
    let traces = [15, 16, 3, 17].map(|count| Some(ran(count)));
    let outcome = invoker.invoke_batch(&arn, "{}".into(), &traces).await.unwrap();
    assert_eq!(outcome, BatchOutcome::Recursive { records: vec![1, 3] });
    let allow = json!({"FunctionName": "f", "RecursiveLoop": "Allow"});
    world.ok("PutFunctionRecursionConfig", allow).await;
    let outcome = invoker.invoke_batch(&arn, "{}".into(), &traces).await.unwrap();
    assert!(matches!(outcome, BatchOutcome::Success { .. }));
    let gone = format!("{FUNCTION}x").parse().unwrap();
    assert_eq!(invoker.role(&gone).await.unwrap_err().code(), "ResourceNotFoundException");
}
