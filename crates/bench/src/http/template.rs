use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use client::Credentials;
use clock::SharedClock;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header::HOST, request::Parts};
use http_body_util::Full;
use serde_json::{Map, Value};
use sigv4::BodyHash;

use super::node::Access;

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
    /// The second that the signature in `parts` is of.
    signed: Option<u64>,
}

/// What a reply must be, besides a 200.
#[derive(Clone)]
pub(crate) enum Expected {
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
        let (parts, ()) = request.into_parts();
        let hash = BodyHash::of(&body);
        Ok(Self { parts, body, hash, service, expected, signed: None })
    }

    /// The same request, with another reply.
    pub(crate) fn expecting(&self, expected: Expected) -> Self {
        Self { expected, ..self.clone() }
    }

    /// The request, signed. The time in a signature has whole seconds, so the same request has the
    /// same signature within one; it is computed once.
    pub(crate) fn request(&mut self, signer: &Signer) -> Result<Request<Full<Bytes>>> {
        let now = signer.clock.now();
        if self.signed != Some(now.as_secs()) {
            let Signer { credentials, region, .. } = signer;
            sigv4::sign(&mut self.parts, &self.hash, credentials, region, self.service, now)?;
            self.signed = Some(now.as_secs());
        }
        Ok(Request::from_parts(self.parts.clone(), Full::new(self.body.clone())))
    }

    /// Fails if a reply is not the expected one.
    pub(crate) fn check(&self, status: StatusCode, body: &[u8]) -> Result<()> {
        let text = || String::from_utf8_lossy(body).into_owned();
        ensure!(status == StatusCode::OK, "the reply is {status}: {}", text());
        let reply: Value =
            serde_json::from_slice(body).with_context(|| format!("the reply is {}", text()))?;
        let right = match &self.expected {
            Expected::Document(document) => reply == *document,
            Expected::Members(members, texts) => {
                members.iter().all(|(name, value)| reply.get(name) == Some(value))
                    && texts.iter().all(|name| reply[*name].is_string())
            }
        };
        ensure!(right, "the reply is not the expected one: {}", text());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template(expected: Expected) -> Template {
        Template::new(("sqs", "localhost:1", "/"), &[], &json!({}), expected).unwrap()
    }

    #[test]
    fn a_reply_that_is_not_the_expected_one_is_refused() {
        let template = template(Expected::Document(json!({"a": 1})));
        assert!(template.check(StatusCode::OK, br#"{"a": 1}"#).is_ok());
        assert!(template.check(StatusCode::OK, br#"{"a": 2}"#).is_err());
        assert!(template.check(StatusCode::OK, b"").is_err());
        assert!(template.check(StatusCode::ACCEPTED, br#"{"a": 1}"#).is_err());
    }

    #[test]
    fn a_reply_without_an_expected_member_is_refused() {
        let members = Map::from_iter([("a".to_owned(), json!(1))]);
        let template = template(Expected::Members(members, &["b"]));
        assert!(template.check(StatusCode::OK, br#"{"a": 1, "b": "x", "c": 2}"#).is_ok());
        assert!(template.check(StatusCode::OK, br#"{"a": 1}"#).is_err());
        assert!(template.check(StatusCode::OK, br#"{"b": "x"}"#).is_err());
    }
}
