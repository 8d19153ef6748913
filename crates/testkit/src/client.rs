use crate::{Bed, REGION};
use bytes::Bytes;
use clock::Clock;
use http::{Method, Request, header};
use serde_json::Value;
use sigv4::{BodyHash, Credentials};
use std::net::{IpAddr, Ipv4Addr};

/// A client that signs as one access key and goes through the whole path of a request.
#[derive(Clone)]
pub struct Client {
    bed: Bed,
    credentials: Option<Credentials>,
}

/// A reply.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON; null if it is empty.
    ///
    /// # Panics
    /// It is something else.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code and the message of an error in any protocol.
    ///
    /// # Panics
    /// It is no error.
    #[must_use]
    pub fn fault(&self) -> (String, String) {
        assert!(self.status >= 400, "status {} is no error: {}", self.status, self.text());
        if self.body.starts_with(b"<?xml") {
            let text = self.text();
            let between = |name: &str| {
                let rest = text.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
                rest.split('<').next().unwrap_or_default().to_owned()
            };
            return (between("Code"), between("Message"));
        }
        let body = self.json();
        let code = match self.headers.get("x-amzn-errortype") {
            Some(code) => code.to_str().expect("plain text").to_owned(),
            None => {
                let name = body["__type"].as_str().expect("a type");
                name.rsplit('#').next().unwrap_or_default().to_owned()
            }
        };
        let message = body["message"].as_str().or(body["Message"].as_str());
        (code, message.unwrap_or_default().to_owned())
    }
}

impl Client {
    pub(crate) fn new(bed: &Bed, credentials: Option<Credentials>) -> Self {
        Self { bed: bed.clone(), credentials }
    }

    /// The answer of an operation that must succeed.
    ///
    /// # Panics
    /// It fails.
    pub async fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        let reply = self.json(service, operation, &input).await;
        assert!(reply.status < 300, "{operation} {input} failed: {}", reply.text());
        reply.json()
    }

    /// Code and message of an operation that must fail.
    ///
    /// # Panics
    /// It succeeds.
    pub async fn fault(&self, service: &str, operation: &str, input: Value) -> (String, String) {
        let reply = self.json(service, operation, &input).await;
        assert!(reply.status >= 400, "{operation} {input} succeeded: {}", reply.text());
        reply.fault()
    }

    /// A request in the JSON protocol.
    pub async fn json(&self, service: &str, operation: &str, input: &Value) -> Reply {
        let prefix = match service {
            "sqs" => "AmazonSQS",
            "ssm" => "AmazonSSM",
            "dynamodb" => "DynamoDB_20120810",
            "logs" => "Logs_20140328",
            other => other,
        };
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", format!("{prefix}.{operation}"));
        self.send(service, request, input.to_string().into()).await
    }

    /// A request in the Query protocol; `Action` and `Version` are among the parameters.
    pub async fn query(&self, service: &str, parameters: &[(&str, &str)]) -> Reply {
        let encode = |text: &str| {
            text.bytes().fold(String::new(), |mut out, byte| {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        out.push(char::from(byte));
                    }
                    _ => out.push_str(&format!("%{byte:02X}")),
                }
                out
            })
        };
        let pairs: Vec<String> =
            parameters.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
        self.send(service, request, pairs.join("&").into()).await
    }

    /// A request in a REST protocol.
    ///
    /// # Panics
    /// The method or the path cannot be.
    pub async fn rest(&self, service: &str, method: &str, path: &str, body: Bytes) -> Reply {
        let method: Method = method.parse().expect("a method");
        let request = Request::builder().method(method).uri(path);
        self.send(service, request, body).await
    }

    /// Signs and sends a request; `service` is the name in the signature.
    ///
    /// # Panics
    /// The request cannot be built or signed.
    pub async fn send(&self, service: &str, request: http::request::Builder, body: Bytes) -> Reply {
        let request = request.header(header::HOST, "127.0.0.1:4566").body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        if let Some(credentials) = &self.credentials {
            let now = self.bed.clock.now();
            sigv4::sign(&mut parts, &BodyHash::of(&body), credentials, REGION, service, now)
                .expect("a request that can be signed");
        }
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (parts, body) = self.bed.dispatcher.handle(parts, body, peer).await.into_parts();
        let body = body.collect().await.expect("a whole body");
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
