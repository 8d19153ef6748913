use crate::common::{World, everywhere};
use http::{Method, Request};
use serde_json::{Value, json};

/// The path of a new URL of `f`.
async fn url(world: &World, auth: &str, cors: Value) -> String {
    world.create().await;
    let mut input = json!({"FunctionName": "f", "AuthType": auth});
    if !cors.is_null() {
        input["Cors"] = cors;
    }
    let answer = world.ok("CreateFunctionUrlConfig", input).await;
    let url = answer["FunctionUrl"].as_str().unwrap();
    url.strip_prefix("http://127.0.0.1:4566").unwrap().to_owned()
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
async fn a_function_has_one_url_and_streams_none() {
    let world = World::in_memory();
    url(&world, "NONE", Value::Null).await;
    let input = json!({"FunctionName": "f", "AuthType": "NONE"});
    let (code, _) = world.fault("CreateFunctionUrlConfig", input.clone()).await;
    assert_eq!(code, "ResourceConflictException");
    let mut input = input;
    input["InvokeMode"] = "RESPONSE_STREAM".into();
    let (code, _) = world.fault("CreateFunctionUrlConfig", input).await;
    assert_eq!(code, "UnsupportedOperation");
}
