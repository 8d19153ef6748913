//! Responses that a runtime streams.

use crate::{
    client::Client,
    fake::{Inside, KILLED, World, code, invocation, spec, world},
};
use runtime::{Outcome, Piece, PoolsConfig, Response, ResponseStream};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::oneshot;

const HEAD: &str = "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\n\
                    Content-Type: text/plain\r\n\
                    Lambda-Runtime-Function-Response-Mode: streaming\r\n\
                    Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";

/// Takes the event and begins a streamed response with `abc`.
async fn begin(inside: &Inside) -> Client {
    let mut client = inside.client().await;
    client.next().await;
    client.write(HEAD.as_bytes()).await;
    client.write(b"3\r\nabc\r\n").await;
    client
}

async fn stream(world: &World, timeout: Duration) -> Response {
    let mut spec = spec("1");
    spec.timeout = timeout;
    world.pools.stream(Arc::new(spec), invocation("id-1", "{}")).await.unwrap()
}

/// The stream behind its first piece, which is `abc`.
async fn first(response: Response) -> ResponseStream {
    let Response::Stream(stream) = response else { panic!("it did not stream") };
    assert_eq!(stream.content_type(), Some("text/plain"));
    let Piece::Data(bytes, rest) = stream.next().await else { panic!("it ended") };
    assert_eq!(&bytes[..], b"abc");
    rest
}

/// What follows, and how it ended.
async fn rest(mut stream: ResponseStream) -> (Vec<u8>, Outcome) {
    let mut all = Vec::new();
    loop {
        match stream.next().await {
            Piece::Data(bytes, rest) => {
                all.extend_from_slice(&bytes);
                stream = rest;
            }
            Piece::End(outcome) => return (all, *outcome.unwrap()),
        }
    }
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn the_first_piece_is_here_before_the_function_ends() {
    let (go, wait) = oneshot::channel::<()>();
    let wait = Arc::new(Mutex::new(Some(wait)));
    let world = world(PoolsConfig::default(), move |inside| {
        let wait = wait.lock().unwrap().take().unwrap();
        async move {
            let mut client = begin(&inside).await;
            wait.await.unwrap();
            let reply = client.raw(b"3\r\ndef\r\n0\r\n\r\n", b"").await;
            assert_eq!(reply.status, 202);
            client.next().await;
            code(0)
        }
    });
    let stream = first(stream(&world, LONG).await).await;
    assert_eq!(world.pools.status().busy, 1);
    go.send(()).unwrap();
    let (bytes, outcome) = rest(stream).await;
    assert_eq!(&bytes[..], b"def");
    assert!(outcome.error.is_none() && outcome.payload.is_empty());
    assert!(world.fake.log().iter().any(|line| line.starts_with("REPORT RequestId: id-1")));
}

#[tokio::test]
async fn a_failure_on_the_way_comes_in_trailers_behind_what_was_sent() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = begin(&inside).await;
        let trailers = b"0\r\nLambda-Runtime-Function-Error-Type: Broken\r\n\
                         Lambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\r\n\r\n";
        client.raw(trailers, b"").await;
        client.next().await;
        code(0)
    });
    let (bytes, outcome) = rest(first(stream(&world, LONG).await).await).await;
    assert!(bytes.is_empty());
    assert_eq!(outcome.error.unwrap().error_type, "Broken");
    assert_eq!(&outcome.payload[..], br#"{"a":1}"#);
}

#[tokio::test]
async fn a_function_that_does_not_stream_answers_whole() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        let id = client.next().await.id();
        client.respond(&id, b"{}").await;
        client.next().await;
        code(0)
    });
    let Response::Whole(outcome) = stream(&world, LONG).await else { panic!("it streamed") };
    assert_eq!(&outcome.payload[..], b"{}");
}

#[tokio::test]
async fn a_timeout_breaks_the_response_off_and_kills_the_instance() {
    let world = world(PoolsConfig::default(), async |inside| {
        let _client = begin(&inside).await;
        std::future::pending().await
    });
    let (_, outcome) = rest(first(stream(&world, Duration::from_secs(1)).await).await).await;
    assert_eq!(outcome.error.unwrap().error_type, "Sandbox.Timedout");
    world.fake.ended(0).await;
}

#[tokio::test]
async fn a_crash_on_the_way_is_what_the_caller_is_told() {
    let world = world(PoolsConfig::default(), async |inside| {
        let _client = begin(&inside).await;
        std::future::pending().await
    });
    let stream = first(stream(&world, LONG).await).await;
    world.fake.end(0, KILLED);
    let (_, outcome) = rest(stream).await;
    assert_eq!(outcome.error.unwrap().error_type, "Runtime.ExitError");
}

#[tokio::test]
async fn a_connection_that_breaks_off_alone_is_a_truncated_response() {
    let world = world(PoolsConfig::default(), async |inside| {
        drop(begin(&inside).await);
        std::future::pending().await
    });
    let (_, outcome) = rest(first(stream(&world, LONG).await).await).await;
    assert_eq!(outcome.error.unwrap().error_type, "Runtime.TruncatedResponse");
}

#[tokio::test]
async fn a_function_runs_to_its_end_when_nobody_reads_any_more() {
    const PIECES: usize = 1_000;
    let (done, ended) = oneshot::channel();
    let done = Arc::new(Mutex::new(Some(done)));
    let world = world(PoolsConfig::default(), move |inside| {
        let done = done.lock().unwrap().take().unwrap();
        async move {
            let mut client = begin(&inside).await;
            let piece = [b"4000\r\n", &[b'x'; 0x4000][..], b"\r\n"].concat();
            for _ in 0..PIECES {
                client.write(&piece).await;
            }
            done.send(client.raw(b"0\r\n\r\n", b"").await.status).unwrap();
            client.next().await;
            code(0)
        }
    });
    drop(first(stream(&world, LONG).await).await);
    assert_eq!(ended.await.unwrap(), 202);
    while world.pools.status().busy > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_reader_who_waits_makes_the_function_wait() {
    const PIECE: usize = 0x40_0000;
    let written = Arc::new(Mutex::new(0));
    let count = written.clone();
    let world = world(PoolsConfig::default(), move |inside| {
        let count = count.clone();
        async move {
            let mut client = begin(&inside).await;
            let piece = [b"400000\r\n", &vec![b'x'; PIECE][..], b"\r\n"].concat();
            for _ in 0..8 {
                client.write(&piece).await;
                *count.lock().unwrap() += 1;
            }
            client.raw(b"0\r\n\r\n", b"").await;
            client.next().await;
            code(0)
        }
    });
    let stream = first(stream(&world, LONG).await).await;
    // Nothing moves while nobody reads: what is written fits into the sockets and the channel.
    let mut before = usize::MAX;
    while *written.lock().unwrap() != before {
        before = *written.lock().unwrap();
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
    }
    assert!(before < 8, "the whole response was taken");
    let (bytes, outcome) = rest(stream).await;
    assert_eq!(bytes.len(), 8 * PIECE);
    assert!(outcome.error.is_none());
}

#[tokio::test]
async fn a_mode_that_does_not_exist_is_refused_and_fails_the_invocation() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        client.next().await;
        let header = "Lambda-Runtime-Function-Response-Mode: later\r\n";
        let reply = client.call("POST", "invocation/id-1/response", header, b"").await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("InvalidFunctionResponseMode"), "{}", reply.body);
        std::future::pending().await
    });
    let Response::Whole(outcome) = stream(&world, LONG).await else { panic!("it streamed") };
    assert_eq!(outcome.error.unwrap().error_type, "Runtime.InvalidResponseModeHeader");
}

#[tokio::test]
async fn nothing_else_answers_an_invocation_whose_response_has_begun() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = begin(&inside).await;
        let other = inside.client().await.respond("id-1", b"2").await;
        assert_eq!(other.status, 403);
        assert!(other.body.contains("from InvocationResponse to"), "{}", other.body);
        client.raw(b"0\r\n\r\n", b"").await;
        client.next().await;
        code(0)
    });
    let (bytes, outcome) = rest(first(stream(&world, LONG).await).await).await;
    assert!(bytes.is_empty() && outcome.error.is_none());
}
