//! Requests that botocore signed (see `make_vectors.py`): ours verifies each, and signs the same.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, Request, request::Parts};
use serde::Deserialize;
use sigv4::{BodyHash, Credentials, Kind, PathStyle, Presented, SigningKey, presign, sign};
use std::time::Duration;
use types::{Secret, Timestamp};

#[derive(Deserialize)]
struct Row {
    name: String,
    service: String,
    region: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    key_id: String,
    secret: String,
    token: Option<String>,
    now: u64,
    expires: Option<u64>,
    signed_url: String,
    signed_headers: Vec<(String, String)>,
}

impl Row {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("../vectors.json")).unwrap()
    }

    fn parts(&self, url: &str, headers: &[(String, String)]) -> Parts {
        let mut request = Request::builder().method(self.method.as_str()).uri(url);
        for (name, value) in headers {
            request = request.header(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        let host = parts.uri.authority().unwrap().as_str().to_owned();
        parts.headers.entry("host").or_insert(HeaderValue::from_str(&host).unwrap());
        parts
    }

    fn body(&self) -> BodyHash {
        match (self.expires, self.service.as_str()) {
            (Some(_), "s3") => BodyHash::Unsigned,
            _ => BodyHash::of(&BASE64_STANDARD.decode(&self.body).unwrap()),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.now)
    }

    fn verify(&self, parts: &Parts, body: &BodyHash) -> Result<(), sigv4::Error> {
        let presented = Presented::parse(parts)?.expect("it is signed");
        let secret = Secret::new(&self.secret);
        let key =
            SigningKey::derive(&secret, presented.date(), presented.region(), presented.service());
        presented.verify(&key, parts, body, self.now(), PathStyle::of(presented.service()))
    }

    fn check_fields(&self, parts: &Parts) {
        let presented = Presented::parse(parts).unwrap().unwrap();
        assert_eq!(presented.access_key_id(), self.key_id);
        assert_eq!((presented.region(), presented.service()), (&*self.region, &*self.service));
        assert_eq!(presented.token(), self.token.as_ref().map(Secret::new).as_ref());
        let kind = self
            .expires
            .map_or(Kind::Header, |secs| Kind::Presigned { expires: Duration::from_secs(secs) });
        assert_eq!(presented.kind(), kind);
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            access_key_id: self.key_id.clone(),
            secret: Secret::new(&self.secret),
            session_token: self.token.as_ref().map(Secret::new),
        }
    }
}

#[test]
fn what_botocore_signed_is_verified() {
    let rows = Row::all();
    assert!(rows.len() >= 20);
    for row in rows {
        let parts = row.parts(&row.signed_url, &row.signed_headers);
        row.check_fields(&parts);
        row.verify(&parts, &row.body()).unwrap_or_else(|error| panic!("{}: {error}", row.name));
    }
}

#[test]
fn ours_signs_as_botocore_does() {
    for row in Row::all() {
        let mut parts = row.parts(&row.url, &row.headers);
        let (body, credentials) = (row.body(), row.credentials());
        let theirs = row.parts(&row.signed_url, &row.signed_headers);
        if let Some(secs) = row.expires {
            let expires = Duration::from_secs(secs);
            presign(&mut parts, &body, &credentials, &row.region, &row.service, expires, row.now())
                .unwrap();
            assert_eq!(signature_of(&parts), signature_of(&theirs), "{}", row.name);
        } else {
            sign(&mut parts, &body, &credentials, &row.region, &row.service, row.now()).unwrap();
            assert_eq!(
                parts.headers["authorization"], theirs.headers["authorization"],
                "{}",
                row.name
            );
        }
        row.verify(&parts, &body).unwrap();
    }
}

fn signature_of(parts: &Parts) -> String {
    let query = parts.uri.query().unwrap();
    query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Signature=")).unwrap().to_owned()
}

/// Every single change to what was signed, with the name of the change.
fn tampered(row: &Row) -> Vec<(String, Parts, BodyHash)> {
    let parts = || row.parts(&row.signed_url, &row.signed_headers);
    let mut all = Vec::new();
    let mut method = parts();
    method.method = http::Method::PATCH;
    all.push(("method".to_owned(), method, row.body()));
    for (name, url) in [
        ("path", longer_path(&row.signed_url)),
        ("query", format!("{}{}zz=1", row.signed_url, query_mark(&row.signed_url))),
    ] {
        all.push((name.to_owned(), row.parts(&url, &row.signed_headers), row.body()));
    }
    if row.body() != BodyHash::Unsigned {
        all.push(("body".to_owned(), parts(), BodyHash::of(b"other")));
    }
    let signed: Vec<String> =
        Presented::parse(&parts()).unwrap().unwrap().signed_headers().map(str::to_owned).collect();
    for name in signed {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let mut changed = parts();
        let old = changed.headers[&name].to_str().unwrap().to_owned();
        changed.headers.insert(&name, HeaderValue::from_str(&format!("{old}x")).unwrap());
        all.push((format!("changed {name}"), changed, row.body()));
        let mut doubled = parts();
        doubled.headers.append(&name, HeaderValue::from_static("more"));
        all.push((format!("doubled {name}"), doubled, row.body()));
    }
    let mut added = parts();
    added.headers.insert("x-amz-added", HeaderValue::from_static("1"));
    all.push(("added x-amz header".to_owned(), added, row.body()));
    all
}

fn longer_path(url: &str) -> String {
    match url.split_once('?') {
        Some((path, query)) => format!("{path}z?{query}"),
        None => format!("{url}z"),
    }
}

fn query_mark(url: &str) -> char {
    if url.contains('?') { '&' } else { '?' }
}

#[test]
fn any_single_change_is_refused() {
    let mut count = 0;
    for row in Row::all() {
        for (change, parts, body) in tampered(&row) {
            let refused = match Presented::parse(&parts) {
                Err(_) => true,
                Ok(_) => row.verify(&parts, &body).is_err(),
            };
            assert!(refused, "{}: {change}", row.name);
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

#[test]
fn every_character_of_the_authorization_header_counts() {
    let row = &Row::all()[1];
    let parts = row.parts(&row.signed_url, &row.signed_headers);
    let text = parts.headers["authorization"].to_str().unwrap().to_owned();
    for at in "AWS4-".len()..text.len() {
        // The space behind a comma is no part of what is said.
        if text.as_bytes()[at] == b' ' && text.as_bytes()[at - 1] == b',' {
            continue;
        }
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
        let mut parts = row.parts(&row.signed_url, &row.signed_headers);
        parts.headers.insert("authorization", HeaderValue::from_bytes(&changed).unwrap());
        let accepted = match Presented::parse(&parts) {
            Err(_) | Ok(None) => false,
            // The key would not be found, or would be another.
            Ok(Some(presented)) if presented.access_key_id() != row.key_id => false,
            Ok(Some(presented)) => {
                let key = SigningKey::derive(
                    &Secret::new(&row.secret),
                    presented.date(),
                    presented.region(),
                    presented.service(),
                );
                let style = PathStyle::of(presented.service());
                presented.verify(&key, &parts, &row.body(), row.now(), style).is_ok()
            }
        };
        assert!(!accepted, "{}", String::from_utf8_lossy(&changed));
    }
}
