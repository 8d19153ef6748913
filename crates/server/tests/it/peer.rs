//! A server, and a client that sees every byte.

use crate::services;
use bytes::Bytes;
use clock::Clock;
use http::{HeaderName, HeaderValue, Request, request::Parts};
use kv_memory::MemoryEngine;
use server::{Endpoint, Limits};
use sigv4::{BodyHash, Credentials};
use std::{net::SocketAddr, sync::Arc};
use testkit::{Bed, REGION, TestIdentities};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A server that ends with the test.
pub(crate) struct Served {
    pub(crate) bed: Bed,
    address: SocketAddr,
    _stop: watch::Sender<bool>,
}

impl Served {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::start_as(limits, |endpoint| endpoint).await
    }

    /// As a sandbox reaches it.
    pub(crate) async fn start_inside(limits: Limits) -> Self {
        Self::start_as(limits, |endpoint| endpoint.inside()).await
    }

    async fn start_as(limits: Limits, what: impl FnOnce(Endpoint) -> Endpoint) -> Self {
        let bed = Bed::new(Arc::new(MemoryEngine::new()), services::definitions);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (_stop, stopped) = watch::channel(false);
        let endpoint = Endpoint::new(bed.dispatcher.clone(), limits);
        tokio::spawn(what(endpoint).serve(listener, stopped));
        Self { bed, address, _stop }
    }

    pub(crate) async fn connect(&self) -> Peer {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        Peer { stream, read: Vec::new() }
    }

    /// The head of a request to S3 that the root signed.
    pub(crate) fn signed(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &BodyHash,
    ) -> Parts {
        let mut parts = unsigned(method, path, headers);
        let credentials = Credentials::new(TestIdentities::ROOT, TestIdentities::secret());
        let now = self.bed.clock.now();
        sigv4::sign(&mut parts, body, &credentials, REGION, "s3", now).expect("a signature");
        parts
    }
}

/// The head of a request.
pub(crate) fn unsigned(method: &str, path: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:4566");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

/// The head as text.
pub(crate) fn head(parts: &Parts) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", parts.method, parts.uri);
    for (name, value) in &parts.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().expect("plain text")));
    }
    text + "\r\n"
}

/// A request to the JSON service.
pub(crate) fn json(operation: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nhost: 127.0.0.1:4566\r\nx-amz-target: Test.{operation}\r\n\
         content-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// A client's end of a connection.
pub(crate) struct Peer {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of S3's error.
    pub(crate) fn code(&self) -> String {
        let text = self.text();
        let rest = text.split_once("<Code>").map_or("", |(_, rest)| rest);
        rest.split('<').next().unwrap_or_default().to_owned()
    }
}

impl Peer {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("a peer that reads");
    }

    /// Sends as much as the peer takes.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// What one read of the socket brings.
    pub(crate) async fn one_read(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; 64 * 1024];
        let count = self.stream.read(&mut bytes).await.unwrap_or(0);
        bytes.truncate(count);
        bytes
    }

    /// Everything until the peer closes, or breaks, the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.read);
        loop {
            let more = self.one_read().await;
            if more.is_empty() {
                return all;
            }
            all.extend_from_slice(&more);
        }
    }

    /// The next reply, whose length its head says.
    pub(crate) async fn reply(&mut self) -> Reply {
        self.reply_to("").await
    }

    /// The next reply, to a request of this method.
    pub(crate) async fn reply_to(&mut self, method: &str) -> Reply {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            let more = self.one_read().await;
            assert!(!more.is_empty(), "the connection ended in {:?}", self.read);
            self.read.extend_from_slice(&more);
        };
        let head: Vec<u8> = self.read.drain(..end).collect();
        let head = String::from_utf8(head).expect("a head of text");
        let (first, rest) = head.split_once("\r\n").expect("a line");
        let status = first.split(' ').nth(1).expect("a status").parse().expect("a number");
        let mut headers = http::HeaderMap::new();
        for line in rest.lines().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").expect("a header");
            headers.append(
                HeaderName::try_from(name).expect("a name"),
                HeaderValue::try_from(value).expect("a value"),
            );
        }
        let length = headers.get("content-length").map_or("0", |v| v.to_str().expect("text"));
        let bodiless = method == "HEAD" || matches!(status, 100 | 204 | 304);
        let length: usize = if bodiless { 0 } else { length.parse().expect("a number") };
        while self.read.len() < length {
            let more = self.one_read().await;
            assert!(!more.is_empty(), "the body ended after {} bytes", self.read.len());
            self.read.extend_from_slice(&more);
        }
        Reply { status, headers, body: self.read.drain(..length).collect::<Vec<u8>>().into() }
    }
}
