use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use client::Credentials;
use clock::SharedClock;
use http::{
    HeaderValue, Method, Request, Uri,
    header::{CONTENT_LENGTH, HOST},
    request::Parts,
};
use serde_json::{Map, Value};
use sigv4::BodyHash;

use super::{connection::Reply, node::Access};

/// What requests are signed with.
pub(crate) struct Signer {
    credentials: Credentials,
    region: String,
    clock: SharedClock,
}

/// A request that is sent many times, and what its reply must be.
#[derive(Clone)]
pub(crate) struct Template {
    parts: Parts,
    body: Bytes,
    hash: BodyHash,
    service: &'static str,
    expected: Expected,
    /// A reply that was the expected one: an equal one is too, and need not be parsed.
    right: Option<Bytes>,
    /// The second that the signature in `parts` is of.
    signed: Option<u64>,
    /// Head and body with that signature, as they are sent.
    bytes: Vec<u8>,
}

/// What a reply must be, besides a 200.
#[derive(Clone)]
pub(crate) enum Expected {
    /// Whatever it is.
    Anything,
    /// These bytes.
    Bytes(Bytes),
    /// Whatever has this `ETag`.
    Stored(String),
    /// A list of so many keys, from the first to the last of these.
    Keys(usize, [String; 2]),
    /// This document.
    Document(Value),
    /// An object with at least these members, and with texts under these names.
    Members(Map<String, Value>, &'static [&'static str]),
}

impl Signer {
    /// Signs with the root's key.
    pub(crate) fn new(access: &Access, clock: SharedClock) -> Self {
        let (credentials, region) = (access.credentials.clone(), access.region.clone());
        Self { credentials, region, clock }
    }
}

impl Template {
    /// A `POST` to a path of a host.
    pub(crate) fn new(
        (service, host, path): (&'static str, &str, &'static str),
        headers: &[(&'static str, &'static str)],
        input: &Value,
        expected: Expected,
    ) -> Result<Self> {
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static(path);
        request.headers_mut().insert(HOST, host.parse()?);
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        let body = Bytes::from(input.to_string());
        request.headers_mut().insert(CONTENT_LENGTH, body.len().into());
        Ok(Self::of(service, request.map(|()| body), expected))
    }

    /// Any request. It names its host and the length of its body.
    pub(crate) fn of(service: &'static str, request: Request<Bytes>, expected: Expected) -> Self {
        let (parts, body) = request.into_parts();
        let (hash, bytes) = (BodyHash::of(&body), Vec::new());
        Self { parts, body, hash, service, expected, right: None, signed: None, bytes }
    }

    /// The same request, with another reply.
    pub(crate) fn expecting(&self, expected: Expected) -> Self {
        Self { expected, right: None, ..self.clone() }
    }

    /// The same request to another path.
    pub(crate) fn at(&self, path: &str) -> Result<Self> {
        let mut other = Self { signed: None, right: None, bytes: Vec::new(), ..self.clone() };
        other.parts.uri = path.parse()?;
        Ok(other)
    }

    /// The request, signed, as it is sent. The time in a signature has whole seconds, so the same
    /// request has the same signature within one; it is computed once.
    pub(crate) fn request(&mut self, signer: &Signer) -> Result<&[u8]> {
        let now = signer.clock.now();
        if self.signed != Some(now.as_secs()) {
            let Signer { credentials, region, .. } = signer;
            sigv4::sign(&mut self.parts, &self.hash, credentials, region, self.service, now)?;
            self.signed = Some(now.as_secs());
            self.render();
        }
        Ok(&self.bytes)
    }

    fn render(&mut self) {
        let Parts { method, uri, headers, .. } = &self.parts;
        self.bytes = format!("{method} {uri} HTTP/1.1\r\n").into_bytes();
        for (name, value) in headers {
            let parts = [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"];
            self.bytes.extend_from_slice(&parts.concat());
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(&self.body);
    }

    /// Fails if a reply is not the expected one.
    pub(crate) fn check(&mut self, reply: &Reply) -> Result<()> {
        let text =
            || String::from_utf8_lossy(&reply.body[..reply.body.len().min(500)]).into_owned();
        ensure!(reply.status == 200, "the reply is {}: {}", reply.status, text());
        if self.right.as_ref() == Some(&reply.body) {
            return Ok(());
        }
        ensure!(self.expected.is(reply)?, "the reply is not the expected one: {}", text());
        // These cost nothing to compare, and the body of a reply may say nothing.
        if !matches!(self.expected, Expected::Bytes(_) | Expected::Stored(_)) {
            self.right = Some(reply.body.clone());
        }
        Ok(())
    }
}

impl Expected {
    fn is(&self, reply: &Reply) -> Result<bool> {
        let json = || serde_json::from_slice::<Value>(&reply.body).context("the reply is no JSON");
        Ok(match self {
            Self::Anything => true,
            Self::Bytes(bytes) => reply.body == bytes,
            Self::Stored(etag) => {
                reply.header("etag").is_some_and(|found| found.trim_matches('"') == etag)
            }
            Self::Keys(count, ends) => {
                let text = std::str::from_utf8(&reply.body)?;
                let has = |key: &String| text.contains(&format!("<Key>{key}</Key>"));
                text.matches("<Key>").count() == *count && ends.iter().all(has)
            }
            Self::Document(document) => json()? == *document,
            Self::Members(members, texts) => {
                let reply = json()?;
                members.iter().all(|(name, value)| reply.get(name) == Some(value))
                    && texts.iter().all(|name| reply[*name].is_string())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clock::ManualClock;
    use serde_json::json;
    use std::{sync::Arc, time::Duration};
    use types::{Secret, Timestamp};

    fn template(expected: Expected) -> Template {
        Template::new(("sqs", "localhost:1", "/"), &[], &json!({}), expected).unwrap()
    }

    #[test]
    fn a_reply_that_is_not_the_expected_one_is_refused() {
        let mut template = template(Expected::Document(json!({"a": 1})));
        let mut right = |status, body: &str| template.check(&Reply::of(status, "", body)).is_ok();
        assert!(!right(200, r#"{"a": 2}"#));
        assert!(right(200, r#"{"a": 1}"#));
        assert!(right(200, r#"{"a": 1}"#));
        assert!(right(200, r#"{"a":1}"#));
        assert!(!right(200, r#"{"a": 2}"#));
        assert!(!right(200, ""));
        assert!(!right(202, r#"{"a":1}"#));
    }

    #[test]
    fn a_reply_without_an_expected_member_is_refused() {
        let members = Map::from_iter([("a".to_owned(), json!(1))]);
        let mut template = template(Expected::Members(members, &["b"]));
        let mut right = |body: &str| template.check(&Reply::of(200, "", body)).is_ok();
        assert!(right(r#"{"a": 1, "b": "x", "c": 2}"#));
        assert!(!right(r#"{"a": 1}"#));
        assert!(!right(r#"{"b": "x"}"#));
    }

    #[test]
    fn other_bytes_another_etag_and_a_list_that_is_not_whole_are_refused() {
        let is = |expected: &Expected, head, body| {
            let mut template = template(expected.clone());
            let reply = Reply::of(200, head, body);
            // Twice: what was right once is not taken for something else.
            [template.check(&reply).is_ok(), template.check(&reply).is_ok()]
        };
        let bytes = Expected::Bytes(Bytes::from_static(b"abc"));
        assert_eq!((is(&bytes, "", "abc"), is(&bytes, "", "abd")), ([true; 2], [false; 2]));
        let stored = Expected::Stored("e1".to_owned());
        assert_eq!(is(&stored, "ETag: \"e1\"\r\n", ""), [true; 2]);
        assert_eq!(is(&stored, "ETag: \"e2\"\r\n", ""), [false; 2]);
        assert_eq!(is(&stored, "", ""), [false; 2]);
        let keys = Expected::Keys(2, ["a".to_owned(), "b".to_owned()]);
        assert_eq!(is(&keys, "", "<Key>a</Key><Key>b</Key>"), [true; 2]);
        assert_eq!(is(&keys, "", "<Key>a</Key><Key>c</Key>"), [false; 2]);
        assert_eq!(is(&keys, "", "<Key>a</Key><Key>b</Key><Key>c</Key>"), [false; 2]);
    }

    #[test]
    fn a_request_is_signed_again_when_the_second_changes() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(5_000)));
        let credentials = Credentials::new("AKID", Secret::new("secret"));
        let signer = Signer { credentials, region: "us-east-1".to_owned(), clock: clock.clone() };
        let mut template = template(Expected::Document(json!({})));
        let mut signature = || template.request(&signer).unwrap().to_vec();
        let first = signature();
        clock.advance(Duration::from_millis(999));
        assert_eq!(signature(), first);
        clock.advance(Duration::from_millis(1));
        assert_ne!(signature(), first);
    }
}
