use crate::common::{World, everywhere};
use http::Request;
use serde_json::{Value, json};
use testkit::Reply;

const PATH: &str = "/2021-11-15/functions/f/response-streaming-invocations";

async fn invoke(world: &World, order: &Value) -> Reply {
    let request = Request::post(PATH).header("X-Amz-Log-Type", "Tail");
    world.bed.root().send("lambda", request, order.to_string().into()).await
}

/// The names and payloads of the frames of a body.
fn events(mut body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: &[u8]| u32::from_be_bytes(at[..4].try_into().unwrap()) as usize;
    let mut events = Vec::new();
    while !body.is_empty() {
        let (frame, rest) = body.split_at(number(body));
        let (head, payload) = frame[12..frame.len() - 4].split_at(number(&frame[4..]));
        // `:event-type`, the type of a text, and its length come before the name.
        let name = head[15..15 + usize::from(head[14])].to_vec();
        events.push((String::from_utf8(name).unwrap(), payload.to_vec()));
        body = rest;
    }
    events
}

/// What came in chunks, and what the end said.
fn parts(reply: &Reply) -> (Vec<u8>, Value) {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.headers["content-type"], "application/vnd.amazon.eventstream");
    let mut events = events(&reply.body);
    let (name, end) = events.pop().unwrap();
    assert_eq!(name, "InvokeComplete");
    assert!(events.iter().all(|(name, _)| name == "PayloadChunk"));
    let bytes = events.into_iter().flat_map(|(_, payload)| payload).collect();
    (bytes, serde_json::from_slice(&end).unwrap())
}

#[tokio::test]
async fn a_stream_comes_in_chunks_and_ends_with_its_log() {
    everywhere(async |world| {
        world.create().await;
        let reply = invoke(&world, &json!({"stream": ["one ", "two"]})).await;
        assert_eq!(reply.headers["x-amz-executed-version"], "$LATEST");
        let (bytes, end) = parts(&reply);
        assert_eq!(bytes, b"one two");
        let log: service::Base64 = serde_json::from_value(end["LogResult"].clone()).unwrap();
        assert!(String::from_utf8_lossy(&log.0).contains("at work\n"));
        assert_eq!(end.get("ErrorCode"), None);
    })
    .await;
}

#[tokio::test]
async fn a_function_that_does_not_stream_answers_in_one_chunk() {
    let world = World::in_memory();
    world.create().await;
    let (bytes, _) = parts(&invoke(&world, &json!({"reply": {"a": 1}})).await);
    assert_eq!(bytes, br#"{"a":1}"#);
}

#[tokio::test]
async fn a_failure_is_told_at_the_end_behind_what_came_before() {
    let world = World::in_memory();
    world.create().await;
    for (order, before) in
        [(json!({"fail": "no"}), &b""[..]), (json!({"stream": ["one"], "fail": "no"}), &b"one"[..])]
    {
        let (bytes, end) = parts(&invoke(&world, &order).await);
        assert_eq!((&bytes[..], &end["ErrorCode"]), (before, &json!("Unhandled")));
        let details: Value = serde_json::from_str(end["ErrorDetails"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&details["errorType"], &details["errorMessage"]),
            (&json!("Failure"), &json!("no"))
        );
    }
}

#[tokio::test]
async fn a_stream_that_nobody_asked_for_is_collected() {
    let world = World::in_memory();
    world.create().await;
    let reply = world.invoke("RequestResponse", &json!({"stream": ["[1,", "2]"]})).await;
    assert_eq!((reply.status, reply.json()), (200, json!([1, 2])));
    let reply = world.invoke("RequestResponse", &json!({"stream": ["[1,"], "fail": "no"})).await;
    assert_eq!(reply.headers["x-amz-function-error"], "Unhandled");
    assert_eq!(reply.json()["errorMessage"], "no");
}

#[tokio::test]
async fn what_cannot_run_is_refused_before_a_stream_begins() {
    let world = World::in_memory();
    world.create().await;
    let request = || Request::post(PATH);
    let reply = world.bed.root().send("lambda", request(), "{".into()).await;
    assert_eq!((reply.status, reply.fault().0.as_str()), (400, "InvalidRequestContentException"));
    let dry = request().header("X-Amz-Invocation-Type", "DryRun");
    assert_eq!(world.bed.root().send("lambda", dry, "".into()).await.status, 204);
    let input = json!({"FunctionName": "f", "ReservedConcurrentExecutions": 0});
    world.ok("PutFunctionConcurrency", input).await;
    let reply = invoke(&world, &json!({"stream": ["one"]})).await;
    assert_eq!((reply.status, reply.fault().0.as_str()), (429, "TooManyRequestsException"));
}

#[tokio::test]
async fn it_needs_the_permission_to_invoke() {
    let world = World::in_memory();
    world.create().await;
    let allow = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": "*"}]})
    };
    let stranger = world.bed.user("stranger", &allow("lambda:InvokeFunctionUrl"));
    assert_eq!(stranger.rest("lambda", "POST", PATH, "{}".into()).await.status, 403);
    let caller = world.bed.user("caller", &allow("lambda:InvokeFunction"));
    assert_eq!(caller.rest("lambda", "POST", PATH, "{}".into()).await.status, 200);
}
