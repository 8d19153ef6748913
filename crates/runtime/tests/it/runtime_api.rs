use crate::fake::{code, invocation, spec, world};
use runtime::{MAX_RESPONSE_BYTES, PoolsConfig};
use std::sync::{Arc, Mutex};

/// Runs one invocation against a program that reports what it saw.
macro_rules! inside {
    ($outcome:ident, $seen:ident, |$inside:ident| $body:block) => {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let report = Arc::new(Mutex::new(Some(sender)));
        let world = world(PoolsConfig::default(), move |$inside| {
            let report = report.lock().unwrap().take().unwrap();
            async move {
                let _ = report.send($body);
                std::future::pending::<()>().await;
                code(0)
            }
        });
        let $outcome =
            world.pools.invoke(Arc::new(spec("1")), invocation("id-1", r#"{"a":1}"#)).await;
        let $seen = receiver.await.unwrap();
    };
}

#[tokio::test]
async fn an_event_carries_the_headers_that_clients_read() {
    inside!(outcome, event, |inside| {
        let mut client = inside.client().await;
        let event = client.next().await;
        client.respond("id-1", b"{}").await;
        event
    });
    assert!(outcome.unwrap().error.is_none());
    assert_eq!((event.status, event.body.as_str()), (200, r#"{"a":1}"#));
    assert_eq!(event.header("content-type"), Some("application/json"));
    assert_eq!(event.header("lambda-runtime-aws-request-id"), Some("id-1"));
    assert_eq!(event.header("lambda-runtime-deadline-ms"), Some("1700000003000"));
    assert_eq!(
        event.header("lambda-runtime-invoked-function-arn"),
        Some("arn:aws:lambda:eu-west-1:000000000000:function:f")
    );
    assert_eq!(
        event.header("lambda-runtime-trace-id"),
        Some("Root=1-5759e988-bd862e3fe1be46a994272793")
    );
    assert_eq!(event.header("lambda-runtime-client-context"), None);
}

#[tokio::test]
async fn a_response_is_accepted_and_becomes_the_result() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        let id = client.next().await.id();
        let path = format!("invocation/{id}/response");
        client.call("POST", &path, "Content-Type: text/plain\r\n", b"done").await
    });
    let outcome = outcome.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (202, r#"{"status":"OK"}"#));
    assert_eq!(&outcome.payload[..], b"done");
    assert_eq!(outcome.content_type.as_deref(), Some("text/plain"));
}

#[tokio::test]
async fn an_unknown_request_id_is_refused_and_harms_nothing() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let reply = client.respond("other", b"{}").await;
        client.respond("id-1", b"1").await;
        reply
    });
    assert_eq!(&outcome.unwrap().payload[..], b"1");
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.body,
        r#"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#
    );
}

#[tokio::test]
async fn a_second_response_is_a_forbidden_transition() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        client.respond("id-1", b"1").await;
        client.respond("id-1", b"2").await
    });
    assert_eq!(&outcome.unwrap().payload[..], b"1");
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.body,
        r#"{"errorMessage":"State transition from ResponseSent to InvocationResponse failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}"#
    );
}

#[tokio::test]
async fn the_next_event_is_refused_while_one_is_running() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let reply = client.next().await;
        client.respond("id-1", b"1").await;
        reply
    });
    assert!(outcome.unwrap().error.is_none());
    assert_eq!(reply.status, 403);
}

#[tokio::test]
async fn a_response_of_six_mebibytes_passes_and_a_larger_one_fails_the_invocation() {
    inside!(fits, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        client.respond("id-1", &vec![b'1'; MAX_RESPONSE_BYTES]).await
    });
    assert_eq!((fits.unwrap().payload.len(), reply.status), (MAX_RESPONSE_BYTES, 202));

    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        client.respond("id-1", &vec![b'1'; MAX_RESPONSE_BYTES + 1]).await
    });
    assert_eq!(reply.status, 413);
    assert_eq!(
        reply.body,
        r#"{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}"#
    );
    let outcome = outcome.unwrap();
    assert_eq!(outcome.error.unwrap().error_type, "Function.ResponseSizeTooLarge");
    assert_eq!(
        &outcome.payload[..],
        br#"{"errorMessage":"Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
    );
}

#[tokio::test]
async fn a_reported_error_is_the_payload_and_its_type_is_kept() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let header = "Lambda-Runtime-Function-Error-Type: ValueError\r\n";
        client.call("POST", "invocation/id-1/error", header, br#"{"errorMessage":"no"}"#).await
    });
    let outcome = outcome.unwrap();
    assert_eq!(reply.status, 202);
    assert_eq!(&outcome.payload[..], br#"{"errorMessage":"no"}"#);
    let error = outcome.error.unwrap();
    assert_eq!((error.error_type.as_str(), error.reported), ("ValueError", true));
}

#[tokio::test]
async fn a_stack_trace_of_a_mebibyte_fits_into_its_header() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let trace = "x".repeat(1024 * 1024 - 1);
        let header = format!("lambda-runtime-function-xray-error-cause: {trace}\r\n");
        client.call("POST", "invocation/id-1/error", &header, br#"{"errorType":"E"}"#).await
    });
    assert_eq!(reply.status, 202);
    assert_eq!(outcome.unwrap().error.unwrap().error_type, "E");
}

#[tokio::test]
async fn a_streamed_response_is_collected_and_may_fail_in_its_trailers() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let head = "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\n\
                    Lambda-Runtime-Function-Response-Mode: streaming\r\n\
                    Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";
        let body = "3\r\nabc\r\n0\r\nLambda-Runtime-Function-Error-Type: Broken\r\n\
                    Lambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\r\n\r\n";
        client.raw(head.as_bytes(), body.as_bytes()).await
    });
    let outcome = outcome.unwrap();
    assert_eq!(reply.status, 202);
    assert_eq!(outcome.error.unwrap().error_type, "Broken");
    assert_eq!(&outcome.payload[..], br#"{"a":1}"#);
}

#[tokio::test]
async fn what_is_no_operation_is_refused_by_name() {
    inside!(outcome, reply, |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let reply = client.call("GET", "restore/next", "", b"").await;
        client.respond("id-1", b"1").await;
        reply
    });
    assert!(outcome.is_ok());
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("GET /2018-06-01/runtime/restore/next is not an operation"));
}
