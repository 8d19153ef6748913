//! The rules of verification that no vector shows: time, required headers, declared bodies, and
//! that whatever we sign we verify.

use http::{HeaderValue, Method, Request, request::Parts};
use proptest::prelude::*;
use sigv4::{
    BodyHash, Credentials, Dialect, Error, MAX_SKEW, PathStyle, Presented, SigningKey, presign,
    sign,
};
use std::time::Duration;
use types::{Secret, Timestamp};

const NOW: Timestamp = Timestamp::from_secs(1_795_378_625);
const SECOND: Duration = Duration::from_secs(1);

fn credentials() -> Credentials {
    Credentials::new("AKID", Secret::new("secret"))
}

fn signed() -> Parts {
    let request = Request::post("http://localhost:4566/").header("x-amz-target", "A.B");
    let mut parts = request.body(()).unwrap().into_parts().0;
    sign(&mut parts, &BodyHash::of(b"x"), &credentials(), "us-east-1", "sqs", NOW).unwrap();
    parts
}

fn verify_at(parts: &Parts, body: &BodyHash, now: Timestamp) -> Result<(), Error> {
    let presented = Presented::parse(parts)?.expect("it is signed");
    let (day, region, service) = (presented.date(), presented.region(), presented.service());
    let key = SigningKey::derive(&credentials().secret, day, region, service);
    presented.verify(&key, parts, body, now, PathStyle::of(service))
}

fn verify(parts: &Parts) -> Result<(), Error> {
    verify_at(parts, &BodyHash::of(b"x"), NOW)
}

#[test]
fn the_clock_may_differ_by_fifteen_minutes_and_no_more() {
    let (parts, body) = (signed(), BodyHash::of(b"x"));
    for near in [NOW, NOW + MAX_SKEW, NOW - MAX_SKEW] {
        assert_eq!(verify_at(&parts, &body, near), Ok(()));
    }
    let late = NOW + MAX_SKEW + SECOND;
    assert_eq!(verify_at(&parts, &body, late), Err(Error::Expired { signed: NOW, now: late }));
    let early = NOW - MAX_SKEW - SECOND;
    let refused = verify_at(&parts, &body, early);
    assert_eq!(refused, Err(Error::NotYetCurrent { signed: NOW, now: early }));
}

#[test]
fn a_presigned_request_lives_as_long_as_it_says() {
    let request = Request::get("http://localhost:4566/b/k").body(()).unwrap();
    let mut parts = request.into_parts().0;
    let life = Duration::from_secs(3600);
    let body = BodyHash::Unsigned;
    presign(&mut parts, &body, &credentials(), "us-east-1", "s3", life, NOW).unwrap();
    assert_eq!(verify_at(&parts, &body, NOW + life), Ok(()));
    let (until, late) = (NOW + life, NOW + life + SECOND);
    let refused = verify_at(&parts, &body, late);
    assert_eq!(refused, Err(Error::PresignedExpired { until, now: late }));
    let early = NOW - MAX_SKEW - SECOND;
    assert!(matches!(verify_at(&parts, &body, early), Err(Error::NotYetCurrent { .. })));
}

#[test]
fn a_presigned_life_outside_its_limits_is_not_signed() {
    for secs in [0, 604_801] {
        let request = Request::get("http://localhost:4566/b/k").body(()).unwrap();
        let mut parts = request.into_parts().0;
        let (life, body) = (Duration::from_secs(secs), BodyHash::Unsigned);
        let refused = presign(&mut parts, &body, &credentials(), "us-east-1", "s3", life, NOW);
        assert!(matches!(refused, Err(Error::InvalidExpires { .. })));
    }
}

fn without_signed_header(name: &str) -> Parts {
    let mut parts = signed();
    let text = parts.headers["authorization"].to_str().unwrap().to_owned();
    let less = text.replace(&format!("{name};"), "").replace(&format!(";{name}"), "");
    assert_ne!(text, less);
    parts.headers.insert("authorization", HeaderValue::from_str(&less).unwrap());
    parts
}

#[test]
fn host_and_amz_headers_must_be_signed() {
    assert_eq!(verify(&without_signed_header("host")), Err(Error::UnsignedHost));
    let refused = verify(&without_signed_header("x-amz-target"));
    assert_eq!(refused, Err(Error::UnsignedHeader { name: "x-amz-target".to_owned() }));
    let refused = verify(&without_signed_header("x-amz-date"));
    assert_eq!(refused, Err(Error::UnsignedHeader { name: "x-amz-date".to_owned() }));
}

#[test]
fn another_secret_or_body_is_refused() {
    let parts = signed();
    let presented = Presented::parse(&parts).unwrap().unwrap();
    let key = SigningKey::derive(&Secret::new("other"), presented.date(), "us-east-1", "sqs");
    let body = BodyHash::of(b"x");
    let refused = presented.verify(&key, &parts, &body, NOW, PathStyle::Normalized);
    assert_eq!(refused, Err(Error::Mismatch));
    assert_eq!(verify_at(&parts, &BodyHash::of(b"y"), NOW), Err(Error::Mismatch));
}

#[test]
fn a_declared_body_hash_must_be_the_one_verified() {
    let request = Request::put("http://localhost:4566/b/k").body(()).unwrap();
    let mut parts = request.into_parts().0;
    sign(&mut parts, &BodyHash::of(b"x"), &credentials(), "us-east-1", "s3", NOW).unwrap();
    assert_eq!(verify(&parts), Ok(()));
    let refused = verify_at(&parts, &BodyHash::of(b"y"), NOW);
    assert_eq!(refused, Err(Error::ContentSha256Mismatch));
    let presented = Presented::parse(&parts).unwrap().unwrap();
    assert_eq!(presented.s3_body(&parts), Ok(BodyHash::of(b"x")));
}

#[test]
fn s3_requires_a_declared_body_in_headers_only() {
    let parts = signed();
    let presented = Presented::parse(&parts).unwrap().unwrap();
    assert_eq!(presented.declared_body(&parts), Ok(None));
    assert_eq!(presented.s3_body(&parts), Err(Error::MissingContentSha256));
}

#[test]
fn the_scope_names_region_and_service() {
    let presented = Presented::parse(&signed()).unwrap().unwrap();
    assert_eq!(presented.check_scope("us-east-1", "sqs"), Ok(()));
    let wrong = presented.check_scope("eu-west-1", "sqs").unwrap_err();
    assert_eq!(wrong.code(Dialect::Json), "InvalidSignatureException");
    assert_eq!(wrong.code(Dialect::S3), "AuthorizationHeaderMalformed");
    assert_eq!(
        wrong.message(Dialect::S3),
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting \
         'eu-west-1'"
    );
    let refused = presented.check_scope("us-east-1", "sns");
    assert_eq!(refused, Err(Error::WrongService { expected: "sns".to_owned() }));
}

#[test]
fn an_http2_request_has_its_host_in_the_uri() {
    let mut parts = signed();
    parts.headers.remove("host");
    assert_eq!(verify(&parts), Ok(()));
}

#[test]
fn signing_again_replaces_the_signature() {
    let mut parts = signed();
    let temporary = Credentials {
        session_token: Some(Secret::new("token")),
        ..Credentials::new("ASIA", Secret::new("secret"))
    };
    sign(&mut parts, &BodyHash::of(b"x"), &temporary, "us-east-1", "sqs", NOW).unwrap();
    let presented = Presented::parse(&parts).unwrap().unwrap();
    assert_eq!(presented.access_key_id(), "ASIA");
    assert_eq!(presented.token(), Some(&Secret::new("token")));
    assert_eq!(verify(&parts), Ok(()));
    sign(&mut parts, &BodyHash::of(b"x"), &credentials(), "us-east-1", "sqs", NOW).unwrap();
    assert_eq!(verify(&parts), Ok(()));
}

proptest! {
    #[test]
    fn whatever_is_signed_is_verified(
        method in "GET|PUT|POST|DELETE",
        path in "(/[a-zA-Z0-9._~!$&'()*+,;=:@-]{0,8}(%[0-9A-Fa-f]{2})?){1,4}",
        query in "([a-z%+]{0,4}=?[A-Za-z0-9/%+~-]{0,6}&?){0,4}",
        value in "[ -~]{0,24}",
        service in "s3|sqs|lambda",
        body in any::<Vec<u8>>(),
        presigned in any::<bool>(),
    ) {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("http://localhost:4566{path}?{query}"))
            .header("x-custom", value)
            .body(()).unwrap();
        let (mut parts, body) = (request.into_parts().0, BodyHash::of(&body));
        let credentials = credentials();
        if presigned {
            let life = Duration::from_secs(60);
            presign(&mut parts, &body, &credentials, "us-east-1", &service, life, NOW).unwrap();
        } else {
            sign(&mut parts, &body, &credentials, "us-east-1", &service, NOW).unwrap();
        }
        prop_assert_eq!(verify_at(&parts, &body, NOW), Ok(()));
        parts.headers.append("x-custom", HeaderValue::from_static("more"));
        prop_assert_eq!(verify_at(&parts, &body, NOW), Err(Error::Mismatch));
    }

    #[test]
    fn no_header_or_query_makes_the_parser_panic(
        authorization in "AWS4-HMAC-SHA256 [ -~]{0,200}|[ -~]{0,100}",
        query in "(X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)=[A-Za-z0-9/%;]{0,70}&?){0,7}",
    ) {
        let request = Request::get(format!("/?{query}")).header("authorization", authorization);
        let parts = request.body(()).unwrap().into_parts().0;
        if let Ok(Some(presented)) = Presented::parse(&parts) {
            prop_assert!(!presented.access_key_id().is_empty());
        }
    }
}
