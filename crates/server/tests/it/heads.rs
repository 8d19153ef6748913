//! Heads of requests: slow, too long, too many; several requests and connections at once; panics.

use crate::peer::{Served, json};
use server::Limits;
use std::{pin::pin, time::Duration};

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_cut_off() {
    let limits = Limits { head_timeout: Duration::from_millis(50), ..Limits::default() };
    let served = Served::start(limits).await;
    let mut peer = served.connect().await;
    peer.send("POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n").await;
    let rest = peer.rest().await;
    assert!(!rest.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test]
async fn a_head_beyond_its_limits_is_refused_and_the_server_goes_on() {
    let limits = Limits { head_bytes: 8_192, headers: 20, ..Limits::default() };
    let served = Served::start(limits).await;
    let many = "a: b\r\n".repeat(30);
    let long = format!("a: {}\r\n", "b".repeat(10_000));
    for headers in [many, long] {
        let mut peer = served.connect().await;
        peer.try_send(format!("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}\r\n")).await;
        let rest = String::from_utf8(peer.rest().await).unwrap();
        assert!(rest.starts_with("HTTP/1.1 431 "), "{rest}");
    }
    let mut peer = served.connect().await;
    peer.try_send(format!("GET /{} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "a".repeat(70_000))).await;
    let rest = String::from_utf8(peer.rest().await).unwrap();
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 4"), "{rest}");
    let mut peer = served.connect().await;
    peer.send(json("Echo", r#"{"Text":"a"}"#)).await;
    assert_eq!(peer.reply().await.text(), r#"{"Text":"a"}"#);
}

#[tokio::test]
async fn requests_sent_at_once_are_answered_in_their_order() {
    let served = Served::start(Limits::default()).await;
    let mut peer = served.connect().await;
    let texts = ["one", "two", "three"].map(|text| format!(r#"{{"Text":"{text}"}}"#));
    let requests: Vec<String> = texts.iter().map(|text| json("Echo", text)).collect();
    peer.send(requests.concat()).await;
    for text in texts {
        let reply = peer.reply().await;
        assert_eq!((reply.status, reply.text()), (200, text));
    }
}

#[tokio::test]
async fn a_sandbox_has_so_many_connections_and_the_next_waits_until_one_closes() {
    let limits = Limits { connections: 1, sandbox_connections: 2, ..Limits::default() };
    let served = Served::start_inside(limits).await;
    let (mut one, mut two) = (served.connect().await, served.connect().await);
    let mut three = served.connect().await;
    three.send(json("Echo", r#"{"Text":"three"}"#)).await;
    {
        let mut waiting = pin!(three.reply());
        // Far more than it takes to answer who is not held up.
        for _ in 0..100 {
            for peer in [&mut one, &mut two] {
                peer.send(json("Echo", r#"{"Text":"a"}"#)).await;
                tokio::select! {
                    biased;
                    reply = &mut waiting => panic!("there was room for it: {reply:?}"),
                    reply = peer.reply() => assert_eq!(reply.text(), r#"{"Text":"a"}"#),
                }
            }
        }
        drop(one);
        assert_eq!(waiting.await.text(), r#"{"Text":"three"}"#);
    }
    two.send(json("Echo", r#"{"Text":"b"}"#)).await;
    assert_eq!(two.reply().await.text(), r#"{"Text":"b"}"#);
}

#[tokio::test]
async fn a_panic_ends_its_request_and_neither_connection_nor_server() {
    let served = Served::start(Limits::default()).await;
    let mut peer = served.connect().await;
    peer.send(json("Panic", "{}")).await;
    let reply = peer.reply().await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("InternalFailure"), "{}", reply.text());
    peer.send("GET /_front/panic HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await;
    let reply = peer.reply().await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (500, r#"{"message":"Internal server error"}"#)
    );
    peer.send("POST /_front/echo HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n\r\nhi").await;
    assert_eq!(peer.reply().await.text(), "hi");
    peer.send(json("Echo", r#"{"Text":"a"}"#)).await;
    assert_eq!(peer.reply().await.text(), r#"{"Text":"a"}"#);
}
