//! Bodies that an operation reads while they come: every form of their signature.

use crate::{
    peer::{Reply, Served, head, unsigned},
    services::STARTED,
};
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use server::Limits;
use sha2::{Digest, Sha256};
use sigv4::{BodyHash, Streaming};
use std::time::Duration;
use testkit::{REGION, TestIdentities};

const BODY: &[u8] = b"the body";

/// What the operation answers that has read `body`.
fn etag(body: &[u8]) -> String {
    format!("{}:{:x?}", body.len(), &Sha256::digest(body)[..4])
}

async fn send(served: &Served, parts: &Parts, body: &[u8]) -> Reply {
    let mut peer = served.connect().await;
    peer.send([head(parts).as_bytes(), body].concat()).await;
    peer.reply().await
}

async fn put(served: &Served, headers: &[(&str, &str)], hash: &BodyHash, body: &[u8]) -> Reply {
    let length = body.len().to_string();
    let headers = [&[("content-length", length.as_str())], headers].concat();
    send(served, &served.signed("PUT", "/private/k", &headers, hash), body).await
}

#[tokio::test]
async fn a_body_is_compared_with_its_signed_hash_at_its_end() {
    let served = Served::start(Limits::default()).await;
    let reply = put(&served, &[], &BodyHash::of(BODY), BODY).await;
    assert_eq!((reply.status, reply.headers["etag"].to_str().unwrap()), (200, etag(BODY).as_str()));
    let reply = put(&served, &[], &BodyHash::of(BODY), b"the b0dy").await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "XAmzContentSHA256Mismatch"));
    let reply = put(&served, &[], &BodyHash::Unsigned, b"another").await;
    assert_eq!(reply.headers["etag"], etag(b"another"));
    let reply = put(&served, &[], &BodyHash::EMPTY, b"").await;
    assert_eq!(reply.headers["etag"], etag(b""));
}

#[tokio::test]
async fn an_operation_reads_a_body_before_it_has_come() {
    let served = Served::start(Limits::default()).await;
    let parts = served.signed("PUT", "/private/k", &[("content-length", "8")], &BodyHash::of(BODY));
    let mut peer = served.connect().await;
    peer.send([head(&parts).as_bytes(), &BODY[..3]].concat()).await;
    STARTED.notified().await;
    peer.send(&BODY[3..]).await;
    assert_eq!(peer.reply().await.headers["etag"], etag(BODY));
}

#[tokio::test]
async fn a_body_larger_than_all_room_for_bodies_passes() {
    let limits = Limits { body_bytes: 1_000, buffered_bytes: 1_000, ..Limits::default() };
    let served = Served::start(limits).await;
    let body = vec![7; 3 << 20];
    assert_eq!(put(&served, &[], &BodyHash::of(&body), &body).await.headers["etag"], etag(&body));
}

#[tokio::test]
async fn a_body_without_a_length_is_refused() {
    let served = Served::start(Limits::default()).await;
    let chunked = [("transfer-encoding", "chunked")];
    let parts = served.signed("PUT", "/private/k", &chunked, &BodyHash::Unsigned);
    let reply = send(&served, &parts, b"1\r\na\r\n0\r\n\r\n").await;
    assert_eq!((reply.status, reply.code().as_str()), (411, "MissingContentLength"));
}

#[tokio::test]
async fn a_streamed_body_that_stands_still_is_cut_off() {
    let limits = Limits { body_pause: Duration::from_millis(50), ..Limits::default() };
    let served = Served::start(limits).await;
    let parts = served.signed("PUT", "/private/k", &[("content-length", "8")], &BodyHash::Unsigned);
    let reply = send(&served, &parts, b"the").await;
    assert_eq!(reply.code(), "RequestTimeout");
}

#[tokio::test]
async fn unsigned_chunks_give_their_data_and_their_trailer() {
    let served = Served::start(Limits::default()).await;
    let hash = BodyHash::Streaming(Streaming::UnsignedTrailer);
    let headers = [
        ("x-amz-decoded-content-length", "8"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("content-encoding", "aws-chunked"),
    ];
    let body = b"8\r\nthe body\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    let reply = put(&served, &headers, &hash, body).await;
    assert_eq!((reply.status, reply.headers["etag"].to_str().unwrap()), (200, etag(BODY).as_str()));
    assert_eq!(reply.headers["x-amz-version-id"], "x-amz-checksum-crc32=AAAAAA==");
    let short = b"4\r\nthe \r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    assert_eq!(put(&served, &headers, &hash, short).await.code(), "IncompleteBody");
    let untrailed = b"8\r\nthe body\r\n0\r\n\r\n";
    assert_eq!(put(&served, &headers, &hash, untrailed).await.code(), "MalformedTrailerError");
}

/// The chain of signatures, as the S3 API Reference describes it.
struct Chain {
    key: Vec<u8>,
    date: String,
    scope: String,
    previous: String,
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Chain {
    fn new(parts: &Parts) -> Self {
        let date = parts.headers["x-amz-date"].to_str().expect("text").to_owned();
        let day = date[..8].to_owned();
        let secret = format!("AWS4{}", TestIdentities::secret().expose());
        let key = [day.as_str(), REGION, "s3", "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| hmac(&key, part));
        let authorization = parts.headers["authorization"].to_str().expect("text");
        let previous = authorization.rsplit('=').next().expect("a signature").to_owned();
        Self { key, date, scope: format!("{day}/{REGION}/s3/aws4_request"), previous }
    }

    fn sign(&mut self, kind: &str, hashes: &str) -> String {
        let Self { key, date, scope, previous } = self;
        let text = format!("AWS4-HMAC-SHA256-{kind}\n{date}\n{scope}\n{previous}\n{hashes}");
        self.previous = hex(&hmac(key, &text));
        self.previous.clone()
    }

    fn chunk(&mut self, data: &[u8]) -> Vec<u8> {
        let hashes = format!("{}\n{}", hex(&Sha256::digest(b"")), hex(&Sha256::digest(data)));
        let signature = self.sign("PAYLOAD", &hashes);
        let head = format!("{:x};chunk-signature={signature}\r\n", data.len());
        let end: &[u8] = if data.is_empty() { b"" } else { b"\r\n" };
        [head.as_bytes(), data, end].concat()
    }
}

#[tokio::test]
async fn signed_chunks_are_verified_one_by_one() {
    let served = Served::start(Limits::default()).await;
    let data = vec![3; 100_000];
    let hash = BodyHash::Streaming(Streaming::Signed);
    // The length of the frame: two chunks, their signatures, the empty one and the end.
    let frame = |size: usize| format!("{size:x};chunk-signature=").len() + 64 + 2;
    let length = frame(65_536) + 65_536 + 2 + frame(34_464) + 34_464 + 2 + frame(0) + 2;
    let length = length.to_string();
    let headers = [("content-length", length.as_str()), ("x-amz-decoded-content-length", "100000")];
    for tampered in [false, true] {
        let parts = served.signed("PUT", "/private/k", &headers, &hash);
        let mut chain = Chain::new(&parts);
        let mut body = chain.chunk(&data[..65_536]);
        body.extend(chain.chunk(&data[65_536..]));
        body.extend(chain.chunk(b""));
        body.extend(b"\r\n");
        assert_eq!(body.len().to_string(), length);
        if tampered {
            body[70_000] ^= 1;
        }
        let reply = send(&served, &parts, &body).await;
        match tampered {
            false => assert_eq!(reply.headers["etag"], etag(&data)),
            true => {
                assert_eq!((reply.status, reply.code().as_str()), (403, "SignatureDoesNotMatch"))
            }
        }
    }
}

#[tokio::test]
async fn a_signed_trailer_is_verified_and_handed_on() {
    let served = Served::start(Limits::default()).await;
    let hash = BodyHash::Streaming(Streaming::SignedTrailer);
    for tampered in [false, true] {
        // The length is not known before the frame is made, but a wrong one would be seen.
        let frame =
            "8;chunk-signature=".len() + 64 + 2 + 8 + 2 + "0;chunk-signature=".len() + 64 + 2;
        let trailer = "x-amz-checksum-crc32:AAAAAA==\r\n";
        let length = frame + trailer.len() + "x-amz-trailer-signature:".len() + 64 + 4;
        let length = length.to_string();
        let headers = [
            ("content-length", length.as_str()),
            ("x-amz-decoded-content-length", "8"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let parts = served.signed("PUT", "/private/k", &headers, &hash);
        let mut chain = Chain::new(&parts);
        let mut body = chain.chunk(BODY);
        body.extend(chain.chunk(b""));
        let signed = if tampered {
            "x-amz-checksum-crc32:AAAAAB==\n"
        } else {
            "x-amz-checksum-crc32:AAAAAA==\n"
        };
        let signature = chain.sign("TRAILER", &hex(&Sha256::digest(signed)));
        body.extend(trailer.as_bytes());
        body.extend(format!("x-amz-trailer-signature:{signature}\r\n\r\n").into_bytes());
        let reply = send(&served, &parts, &body).await;
        match tampered {
            false => assert_eq!(reply.headers["x-amz-version-id"], "x-amz-checksum-crc32=AAAAAA=="),
            true => assert_eq!(reply.code(), "SignatureDoesNotMatch"),
        }
    }
}

#[tokio::test]
async fn who_waits_to_be_asked_is_asked_only_when_its_body_is_wanted() {
    let served = Served::start(Limits::default()).await;
    let headers = [("content-length", "8"), ("expect", "100-continue")];
    let parts = served.signed("PUT", "/private/k", &headers, &BodyHash::of(BODY));
    let mut peer = served.connect().await;
    peer.send(head(&parts)).await;
    assert_eq!(peer.reply().await.status, 100);
    peer.send(BODY).await;
    assert_eq!(peer.reply().await.headers["etag"], etag(BODY));
    let mut peer = served.connect().await;
    peer.send(head(&unsigned("PUT", "/private/k", &headers))).await;
    let rest = String::from_utf8(peer.rest().await).unwrap();
    assert!(rest.starts_with("HTTP/1.1 403 ") && !rest.contains("100 Continue"), "{rest}");
    assert!(rest.contains("\r\nconnection: close\r\n"), "{rest}");
}

/// botocore would take the status of this answer for that of the next one on its connection.
#[tokio::test]
async fn who_waits_to_be_asked_for_nothing_gets_an_answer_and_no_further_one() {
    let served = Served::start(Limits::default()).await;
    let headers = [("content-length", "0"), ("expect", "100-continue")];
    let parts = served.signed("PUT", "/private/k", &headers, &BodyHash::EMPTY);
    let mut peer = served.connect().await;
    peer.send(head(&parts)).await;
    let rest = String::from_utf8(peer.rest().await).unwrap();
    assert!(rest.starts_with("HTTP/1.1 200 "), "{rest}");
    assert!(rest.contains("\r\nconnection: close\r\n"), "{rest}");
}

/// The refusal is read by a client that first sends all of its body.
#[tokio::test]
async fn an_upload_that_is_refused_is_told_why() {
    let served = Served::start(Limits::default()).await;
    let length = (8 << 20).to_string();
    let parts = unsigned("PUT", "/private/k", &[("content-length", &length)]);
    let reply = send(&served, &parts, &vec![0; 8 << 20]).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "AccessDenied"));
}

#[tokio::test]
async fn everybody_may_use_what_a_policy_makes_public() {
    let served = Served::start(Limits::default()).await;
    let reply =
        send(&served, &unsigned("PUT", "/public/k", &[("content-length", "8")]), BODY).await;
    assert_eq!(reply.headers["etag"], etag(BODY));
    let framed = [
        ("content-length", "22"),
        ("x-amz-decoded-content-length", "8"),
        ("content-encoding", "aws-chunked"),
    ];
    let reply =
        send(&served, &unsigned("PUT", "/public/k", &framed), b"8\r\nthe body\r\n0\r\n\r\n    ")
            .await;
    assert_eq!(reply.code(), "IncompleteBody", "spaces after the end");
    let framed = [
        ("content-length", "18"),
        ("x-amz-decoded-content-length", "8"),
        ("content-encoding", "aws-chunked"),
    ];
    let reply =
        send(&served, &unsigned("PUT", "/public/k", &framed), b"8\r\nthe body\r\n0\r\n\r\n").await;
    assert_eq!(reply.headers["etag"], etag(BODY));
    let signed =
        [("content-length", "8"), ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")];
    let reply = send(&served, &unsigned("PUT", "/public/k", &signed), BODY).await;
    assert_eq!(reply.code(), "InvalidRequest");
    let reply = send(&served, &unsigned("GET", "/private/small", &[]), b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_presigned_url_is_good_for_as_long_as_it_says() {
    use clock::Clock;
    let served = Served::start(Limits::default()).await;
    let credentials = sigv4::Credentials::new(TestIdentities::ROOT, TestIdentities::secret());
    let now = served.bed.clock.now();
    let week = Duration::from_secs(604_800);
    let presigned = |method| {
        let mut parts = unsigned(method, "/private/small", &[]);
        let body = BodyHash::Unsigned;
        sigv4::presign(&mut parts, &body, &credentials, REGION, "s3", week, now).expect("a URL");
        parts.headers.insert(
            "content-length",
            if method == "PUT" { "8" } else { "0" }.parse().expect("a value"),
        );
        parts
    };
    let reply = send(&served, &presigned("GET"), b"").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "small"));
    assert_eq!(send(&served, &presigned("PUT"), BODY).await.headers["etag"], etag(BODY));
    served.bed.advance(week + Duration::from_secs(1));
    let reply = send(&served, &presigned("GET"), b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "AccessDenied"));
    assert!(reply.text().contains("Request has expired"), "{}", reply.text());
    let mut longer = presigned("GET");
    let uri = longer.uri.to_string().replace("X-Amz-Expires=604800", "X-Amz-Expires=604801");
    longer.uri = uri.parse().unwrap();
    let reply = send(&served, &longer, b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "AuthorizationQueryParametersError"));
}

#[tokio::test]
async fn a_document_is_read_into_memory_and_checked_the_same_way() {
    let served = Served::start(Limits::default()).await;
    let body = b"<Delete><Object><Key>a</Key></Object></Delete>";
    let length = body.len().to_string();
    let digest = "aFPqFnlCon58cZ4Qt7zwvQ==";
    let headers = [("content-length", length.as_str()), ("content-md5", digest)];
    let parts = served.signed("POST", "/private?delete", &headers, &BodyHash::of(body));
    let reply = send(&served, &parts, body).await;
    assert!(reply.text().contains("<Deleted><Key>a</Key></Deleted>"), "{}", reply.text());
    let parts = served.signed("POST", "/private?delete", &headers, &BodyHash::of(b"other"));
    assert_eq!(send(&served, &parts, body).await.code(), "XAmzContentSHA256Mismatch");
    for (sum, answer) in [("v6Ysrw==", "<Key>a</Key>"), ("AAAAAA==", "<Code>BadDigest</Code>")] {
        let text = String::from_utf8_lossy(body);
        let trailer = format!("x-amz-checksum-crc32:{sum}");
        let framed = format!("{:x}\r\n{text}\r\n0\r\n{trailer}\r\n\r\n", body.len());
        let framed_length = framed.len().to_string();
        let headers = [
            ("content-length", framed_length.as_str()),
            ("x-amz-decoded-content-length", length.as_str()),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let hash = BodyHash::Streaming(Streaming::UnsignedTrailer);
        let parts = served.signed("POST", "/private?delete", &headers, &hash);
        let reply = send(&served, &parts, framed.as_bytes()).await;
        assert!(reply.text().contains(answer), "{}", reply.text());
    }
}

#[tokio::test]
async fn a_signature_for_another_region_is_told_the_right_one() {
    use clock::Clock;
    let served = Served::start(Limits::default()).await;
    let credentials = sigv4::Credentials::new(TestIdentities::ROOT, TestIdentities::secret());
    let mut parts = unsigned("GET", "/private/small", &[]);
    let now = served.bed.clock.now();
    sigv4::sign(&mut parts, &BodyHash::EMPTY, &credentials, "us-east-1", "s3", now).unwrap();
    let reply = send(&served, &parts, b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "AuthorizationHeaderMalformed"));
    assert!(reply.text().contains("<Region>eu-central-1</Region>"), "{}", reply.text());
}
