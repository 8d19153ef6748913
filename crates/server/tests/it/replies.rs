//! Replies: in one segment, as streams, to clients that go away or take nothing.

use crate::{
    peer::{Served, head, json, unsigned},
    services::DROPPED,
};
use server::Limits;
use std::time::Duration;

#[tokio::test]
async fn a_small_answer_is_one_segment() {
    let served = Served::start(Limits::default()).await;
    let mut peer = served.connect().await;
    let streamed = head(&unsigned("GET", "/public/small", &[]));
    for (request, end) in [(json("Echo", r#"{"Text":"a"}"#), "}"), (streamed, "\r\n\r\nsmall")] {
        for _ in 0..100 {
            peer.send(&request).await;
            let read = String::from_utf8(peer.one_read().await).unwrap();
            assert!(read.starts_with("HTTP/1.1 200") && read.ends_with(end), "{read}");
        }
    }
}

#[tokio::test]
async fn a_stream_has_the_length_that_its_operation_says_and_the_connection_goes_on() {
    let served = Served::start(Limits::default()).await;
    let mut peer = served.connect().await;
    for _ in 0..2 {
        peer.send(head(&unsigned("GET", "/public/small", &[]))).await;
        let reply = peer.reply().await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "small"));
        assert!(!reply.headers.contains_key("transfer-encoding"));
        peer.send(head(&unsigned("HEAD", "/public/small", &[]))).await;
        let reply = peer.reply_to("HEAD").await;
        assert_eq!(reply.headers["content-length"], "5000000000");
    }
    peer.send(head(&unsigned("HEAD", "/private/small", &[]))).await;
    assert_eq!(peer.reply_to("HEAD").await.status, 403);
}

#[tokio::test]
async fn a_stream_that_fails_at_once_is_a_fault_and_later_it_breaks_the_connection() {
    let served = Served::start(Limits::default()).await;
    let mut peer = served.connect().await;
    peer.send(head(&unsigned("GET", "/public/late", &[]))).await;
    let reply = peer.reply().await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "NoSuchKey"));
    peer.send(head(&unsigned("GET", "/public/torn", &[]))).await;
    let rest = String::from_utf8(peer.rest().await).unwrap();
    assert!(rest.contains("content-length: 8") && rest.ends_with("\r\n\r\nhalf"), "{rest}");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_stream() {
    let served = Served::start(Limits::default()).await;
    let mut peer = served.connect().await;
    peer.send(head(&unsigned("GET", "/public/endless", &[]))).await;
    assert!(!peer.one_read().await.is_empty());
    drop(peer);
    DROPPED.notified().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_reply_is_cut_off() {
    let limits = Limits { reply_pause: Duration::from_millis(50), ..Limits::default() };
    let served = Served::start(limits).await;
    let mut peer = served.connect().await;
    peer.send(head(&unsigned("GET", "/public/endless", &[]))).await;
    DROPPED.notified().await;
    drop(peer);
}
