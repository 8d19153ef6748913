//! Bodies that are read into memory: slow, too large, many at once.

use crate::peer::{Peer, Served, json};
use server::Limits;
use std::time::Duration;

const UNIT: usize = 64 * 1024;

/// The head of a request to `Echo` whose body comes in chunks.
const CHUNKED: &str = "POST / HTTP/1.1\r\nhost: 127.0.0.1:4566\r\nx-amz-target: Test.Echo\r\n\
                       transfer-encoding: chunked\r\n\r\n";

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

#[tokio::test]
async fn a_body_that_stands_still_is_cut_off() {
    let limits = Limits { body_pause: Duration::from_millis(50), ..Limits::default() };
    let served = Served::start(limits).await;
    for head in
        [json("Echo", "{}").replace("content-length: 2", "content-length: 20"), CHUNKED.to_owned()]
    {
        let mut peer = served.connect().await;
        peer.send(head).await;
        let reply = peer.reply().await;
        assert_eq!(reply.status, 408);
        assert!(reply.text().contains("RequestTimeout"), "{}", reply.text());
        assert_eq!(peer.rest().await, b"");
    }
}

/// The pause is one for the whole body, so that a byte now and then does not keep it open: each
/// byte of this client earns a thousandth of the time that it takes.
#[tokio::test]
async fn a_body_that_trickles_is_cut_off() {
    let limits =
        Limits { body_pause: Duration::from_millis(100), body_rate: 100_000, ..Limits::default() };
    let served = Served::start(limits).await;
    let mut peer = served.connect().await;
    peer.send(json("Echo", "").replace("content-length: 0", "content-length: 1000000")).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let mut sent = 0;
    while sent < 1_000 && peer.try_send("a").await {
        ticks.tick().await;
        sent += 1;
    }
    assert!(sent < 1_000, "all of it was taken");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_its_length() {
    let limits = Limits { body_bytes: 1_000, ..Limits::default() };
    let served = Served::start(limits).await;
    let mut peer = served.connect().await;
    peer.send(json("Echo", "").replace("content-length: 0", "content-length: 1001")).await;
    let reply = peer.reply().await;
    assert_eq!(reply.status, 413);
    assert!(reply.text().contains("Request must be smaller than 1000 bytes."), "{}", reply.text());
    let mut peer = served.connect().await;
    peer.send(format!("{CHUNKED}{}{}", chunk(&" ".repeat(900)), chunk(&" ".repeat(101)))).await;
    assert_eq!(peer.reply().await.status, 413);
    let mut peer = served.connect().await;
    peer.send(format!("{CHUNKED}{}{}0\r\n\r\n", chunk(&" ".repeat(900)), chunk("{}"))).await;
    assert_eq!(peer.reply().await.status, 200);
}

/// A client that sends everything before it reads sees the refusal, not a broken connection.
#[tokio::test]
async fn who_sends_too_much_still_reads_why_it_was_refused() {
    let limits = Limits { body_bytes: 1_000, ..Limits::default() };
    let served = Served::start(limits).await;
    let mut peer = served.connect().await;
    let body = " ".repeat(8 << 20);
    peer.send(json("Echo", &body)).await;
    assert_eq!(peer.reply().await.status, 413);
}

#[tokio::test]
async fn bodies_without_a_length_share_the_room_by_what_they_grow_to() {
    let limits = Limits { buffered_bytes: 3 * UNIT, ..Limits::default() };
    let served = Served::start(limits).await;
    // It keeps two of the three units, beside its own first one.
    let mut large = served.connect().await;
    large.send(format!("{CHUNKED}{}", chunk(&" ".repeat(3 * UNIT)))).await;
    while attempt(&mut served.connect().await).await != 503 {}
    let mut small = served.connect().await;
    small.send(json("Echo", "{}")).await;
    assert_eq!(small.reply().await.status, 200);
    large.send(format!("{}0\r\n\r\n", chunk("{}"))).await;
    assert_eq!(large.reply().await.status, 200);
    // The reply is written before the room is given back.
    while attempt(&mut served.connect().await).await != 200 {}
}

/// A body of three units, two of which are of the room.
async fn attempt(peer: &mut Peer) -> u16 {
    let spaces = " ".repeat(3 * UNIT - 2);
    peer.send(format!("{CHUNKED}{}0\r\n\r\n", chunk(&format!("{spaces}{{}}")))).await;
    let reply = peer.reply().await;
    if reply.status == 503 {
        assert!(reply.text().contains("SlowDown"), "{}", reply.text());
    }
    reply.status
}
