//! The client against a server that is a few lines of sockets.

#![allow(clippy::unwrap_used, reason = "tests")]

use client::{Client, Credentials, Error, Rest};
use http::Method;
use serde_json::json;
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use types::Secret;

fn client(endpoint: &str) -> Client {
    let credentials = Credentials::new("AKID", Secret::new("secret"));
    let clock = Arc::new(clock::SystemClock::default());
    Client::new(endpoint, credentials, "eu-west-1", clock).unwrap()
}

/// Reads one request: its head and body as text.
async fn request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the client has closed");
        text.extend_from_slice(&buffer[..read]);
        let whole = String::from_utf8_lossy(&text).to_lowercase();
        let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return String::from_utf8(text).unwrap();
        }
    }
}

/// Answers the requests of one connection, in turn, and gives what they were.
async fn serve(replies: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut requests = Vec::new();
        for reply in replies {
            requests.push(request(&mut stream).await);
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
        requests
    });
    (endpoint, task)
}

#[tokio::test]
async fn requests_are_signed_and_share_a_connection() {
    let (endpoint, server) = serve(&[
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"A\":\"b\"} ",
        "HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n<R><XResult><A>b</A></XResult></R>",
    ])
    .await;
    let client = client(&endpoint);
    let reply =
        client.json("sqs", "AmazonSQS.ListQueues", &json!({"MaxResults": 5})).await.unwrap();
    assert_eq!(reply, json!({"A": "b"}));
    let parameters = [("P.member.1", "a b&c")];
    let result = client.query("cloudformation", "2010-05-15", "X", &parameters).await.unwrap();
    assert_eq!(result.get("A"), Some("b"));
    let requests = server.await.unwrap();
    assert!(requests[0].contains("x-amz-target: AmazonSQS.ListQueues"));
    assert!(requests[0].contains("/eu-west-1/sqs/aws4_request"));
    assert!(requests[0].ends_with("{\"MaxResults\":5}"));
    assert!(requests[1].ends_with("Action=X&Version=2010-05-15&P.member.1=a%20b%26c"));
}

#[tokio::test]
async fn an_error_has_the_official_code_and_message() {
    let (endpoint, server) = serve(&["HTTP/1.1 404 Not Found\r\nx-amzn-requestid: id-1\r\n\
         x-amzn-errortype: ResourceNotFoundException\r\ncontent-length: 18\r\n\r\n{\"Message\":\"gone\"}"])
    .await;
    let call = Rest { method: Method::GET, path: "/2015-03-31/functions/f", ..Rest::default() };
    let error = client(&endpoint).rest("lambda", call).await.unwrap_err();
    let Error::Service { status, code, message, request_id } = error else { panic!("{error}") };
    assert_eq!((status.as_u16(), code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!((message.as_str(), request_id.as_deref()), ("gone", Some("id-1")));
    server.await.unwrap();
}

#[tokio::test]
async fn an_endpoint_where_nothing_listens_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&endpoint).json("sqs", "T.O", &json!({})).await.unwrap_err();
    assert_eq!(error, Error::Refused { url: endpoint });
}

#[tokio::test]
async fn a_connection_that_ends_before_its_reply_is_an_error_and_is_not_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
    });
    let error = client(&endpoint).json("sqs", "T.O", &json!({})).await.unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error}");
    server.await.unwrap();
}

#[test]
fn an_endpoint_must_be_an_http_url() {
    let clock = Arc::new(clock::SystemClock::default());
    for endpoint in ["", "127.0.0.1:4566", "https://example.org", "/path"] {
        let credentials = Credentials::new("AKID", Secret::new("secret"));
        assert!(Client::new(endpoint, credentials, "r", clock.clone()).is_err(), "{endpoint}");
    }
}
