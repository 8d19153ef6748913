use crate::common::{World, everywhere};
use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use service::{Body, Fault};
use std::net::Ipv4Addr;

fn path_of(answer: &Value) -> String {
    let url = answer["FunctionUrl"].as_str().unwrap();
    url.strip_prefix("http://127.0.0.1:4566").unwrap().to_owned()
}

/// The path of a new URL of `f`.
async fn url(world: &World, auth: &str, cors: Value) -> String {
    world.create().await;
    let mut input = json!({"FunctionName": "f", "AuthType": auth});
    if !cors.is_null() {
        input["Cors"] = cors;
    }
    let answer = world.ok("CreateFunctionUrlConfig", input).await;
    path_of(&answer)
}

async fn permit(world: &World) {
    let input = json!({"FunctionName": "f", "StatementId": "url", "Principal": "*",
        "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"});
    world.ok("AddPermission", input).await;
    let input = json!({"FunctionName": "f", "StatementId": "invoke", "Principal": "*",
        "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": true});
    world.ok("AddPermission", input).await;
}

fn order(reply: &Value) -> bytes::Bytes {
    json!({"reply": reply}).to_string().into()
}

#[tokio::test]
async fn a_public_url_is_public_because_the_policy_says_so() {
    everywhere(async |world| {
        let path = url(&world, "NONE", Value::Null).await;
        let request = || Request::post(&path).header("content-type", "application/json");
        let anonymous = world.bed.anonymous();
        let body = order(&json!({"statusCode": 201, "body": "made", "cookies": ["a=1"]}));
        let reply = anonymous.send("lambda", request(), body.clone()).await;
        assert_eq!((reply.status, reply.json()), (403, json!({"Message": "Forbidden"})));
        permit(&world).await;
        let reply = anonymous.send("lambda", request(), body).await;
        assert_eq!((reply.status, reply.text().as_str()), (201, "made"));
        assert_eq!(reply.headers["set-cookie"], "a=1");
        let path = "/2015-03-31/functions/f/invocations";
        let reply = anonymous.rest("lambda", "POST", path, "{}".into()).await;
        assert_eq!(reply.status, 403, "what the policy gives over the URL is not for the API");
    })
    .await;
}

#[tokio::test]
async fn the_host_form_gives_the_same_event_as_the_path_form() {
    let world = World::in_memory();
    let path = url(&world, "NONE", Value::Null).await;
    permit(&world).await;
    let anonymous = world.bed.anonymous();
    let by_path = format!("{path}a/b?x=1");
    let by_path = anonymous.rest("lambda", "GET", &by_path, "".into()).await.json();
    let id = path.trim_matches('/').rsplit('/').next().unwrap();
    let host = format!("{id}.lambda-url.eu-central-1.localhost");
    let request = Request::get("/a/b?x=1").header("host", &host);
    let by_host = anonymous.send("lambda", request, "".into()).await.json();
    assert_eq!(by_host["requestContext"]["domainName"], host);
    for event in [by_path, by_host] {
        assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/a/b"), &json!("x=1")));
        let context = &event["requestContext"];
        assert_eq!((&context["apiId"], &context["http"]["method"]), (&json!(id), &json!("GET")));
    }
}

#[tokio::test]
async fn a_signed_url_wants_a_signature_and_names_the_caller() {
    let world = World::in_memory();
    let path = url(&world, "AWS_IAM", Value::Null).await;
    assert_eq!(world.bed.anonymous().rest("lambda", "GET", &path, "".into()).await.status, 403);
    let event = world.bed.root().rest("lambda", "GET", &path, "".into()).await.json();
    assert_eq!(
        event["requestContext"]["authorizer"]["iam"]["userArn"],
        "arn:aws:iam::000000000000:root"
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]});
    let user = world.bed.user("half", &policy);
    assert_eq!(user.rest("lambda", "GET", &path, "".into()).await.status, 403);
}

#[tokio::test]
async fn a_failure_is_a_bad_gateway() {
    let world = World::in_memory();
    let path = url(&world, "AWS_IAM", Value::Null).await;
    let request = Request::post(&path).header("content-type", "text/plain");
    let body = json!({"fail": "no"}).to_string().into();
    let reply = world.bed.root().send("lambda", request, body).await;
    assert_eq!((reply.status, reply.json()), (502, json!({"message": "Internal Server Error"})));
}

#[tokio::test]
async fn browsers_are_told_what_the_configuration_allows() {
    let world = World::in_memory();
    let cors = json!({"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 5});
    let path = url(&world, "NONE", cors).await;
    permit(&world).await;
    let ask = |origin: &'static str| {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(&path)
            .header("origin", origin)
            .header("access-control-request-method", "GET");
        let anonymous = world.bed.anonymous();
        async move { anonymous.send("lambda", request, "".into()).await }
    };
    let reply = ask("https://a.example").await;
    assert_eq!(reply.headers["access-control-allow-origin"], "https://a.example");
    assert_eq!(reply.headers["access-control-max-age"], "5");
    assert!(!ask("https://b.example").await.headers.contains_key("access-control-allow-origin"));
    assert_eq!(world.functions.pools().status().instances, 0, "the function was called");
}

#[tokio::test]
async fn a_function_has_one_url() {
    let world = World::in_memory();
    url(&world, "NONE", Value::Null).await;
    let input = json!({"FunctionName": "f", "AuthType": "NONE"});
    let (code, _) = world.fault("CreateFunctionUrlConfig", input.clone()).await;
    assert_eq!(code, "ResourceConflictException");
}

/// The path of the public URL of `f` that streams.
async fn url_of_stream(world: &World) -> String {
    if let Ok(answer) = world.call("GetFunctionUrlConfig", json!({"FunctionName": "f"})).await {
        return path_of(&answer);
    }
    let path = url(world, "NONE", json!({"AllowOrigins": ["*"]})).await;
    permit(world).await;
    let input = json!({"FunctionName": "f", "InvokeMode": "RESPONSE_STREAM"});
    let answer = world.ok("UpdateFunctionUrlConfig", input).await;
    assert_eq!(answer["InvokeMode"], "RESPONSE_STREAM");
    path
}

/// Asks the URL that streams; the body may break off.
async fn streamed(world: &World, order: &Value) -> (http::response::Parts, Result<Bytes, Fault>) {
    let path = url_of_stream(world).await;
    let request = Request::post(path)
        .header("host", "127.0.0.1:4566")
        .header("origin", "https://a.example")
        .header("content-type", "application/json");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let body = Bytes::from(order.to_string());
    let peer = Ipv4Addr::LOCALHOST.into();
    let (parts, body) = world.bed.dispatcher.handle(parts, body, peer).await.into_parts();
    assert!(matches!(body, Body::Stream(_)) || order.get("stream").is_none());
    (parts, body.collect().await)
}

const PRELUDE: &str = "application/vnd.awslambda.http-integration-response";

#[tokio::test]
async fn a_url_that_streams_passes_on_what_comes() {
    let world = World::in_memory();
    let (head, body) = streamed(&world, &json!({"stream": ["one ", "two"]})).await;
    assert_eq!(
        (head.status.as_u16(), &head.headers["content-type"]),
        (200, &"text/plain".parse().unwrap())
    );
    assert_eq!(head.headers["access-control-allow-origin"], "*");
    assert_eq!(body.unwrap(), "one two");
    // A function that does not stream is not asked for a status in its result.
    let (head, body) = streamed(&world, &json!({"reply": {"statusCode": 201}})).await;
    assert_eq!((head.status.as_u16(), &body.unwrap()[..]), (200, &br#"{"statusCode":201}"#[..]));
}

#[tokio::test]
async fn a_prelude_says_status_headers_and_cookies() {
    let world = World::in_memory();
    let prelude =
        json!({"statusCode": 418, "headers": {"X-Made": "yes"}, "cookies": ["a=1", "b=2"]});
    // The end of a prelude may come in pieces, and zeros may be in the body.
    let (begin, rest) = (format!("{prelude}\0\0\0"), "\0\0\0\0\0body\0\0\0\0\0\0\0\0");
    let order = json!({"type": PRELUDE, "stream": [begin, rest, " and more"]});
    let (head, body) = streamed(&world, &order).await;
    assert_eq!((head.status.as_u16(), &head.headers["x-made"]), (418, &"yes".parse().unwrap()));
    assert_eq!(head.headers["content-type"], "application/octet-stream");
    assert_eq!(head.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(body.unwrap(), "body\0\0\0\0\0\0\0\0 and more");
}

#[tokio::test]
async fn what_is_no_prelude_is_a_bad_gateway() {
    let world = World::in_memory();
    let long = format!("{}\0\0\0\0\0\0\0\0", json!({"headers": {"x": "y".repeat(70_000)}}));
    for pieces in [json!(["{}"]), json!(["no\0\0\0\0\0\0\0\0"]), json!([long])] {
        let order = json!({"type": PRELUDE, "stream": pieces});
        let path = url_of_stream(&world).await;
        let request = Request::post(path).header("content-type", "application/json");
        let reply = world.bed.anonymous().send("lambda", request, order.to_string().into()).await;
        assert_eq!(reply.status, 502);
    }
}

#[tokio::test]
async fn a_stream_that_fails_is_broken_off_for_its_client() {
    let world = World::in_memory();
    let (head, body) = streamed(&world, &json!({"stream": ["one"], "fail": "no"})).await;
    assert_eq!(head.status.as_u16(), 200);
    assert!(body.is_err());
    let (head, _) = streamed(&world, &json!({"fail": "no"})).await;
    assert_eq!(head.status.as_u16(), 502);
}
