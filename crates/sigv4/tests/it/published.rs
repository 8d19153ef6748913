//! The examples that AWS publishes in the S3 API Reference and the IAM User Guide.

use http::{Request, request::Parts};
use sigv4::{
    BodyHash, ChunkDecoder, Credentials, Error, PathStyle, Presented, SigningKey, Streaming,
    presign, sign,
};
use std::time::Duration;
use types::{Secret, Timestamp};

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// 2013-05-24T00:00:00Z.
const NOW: Timestamp = Timestamp::from_secs(1_369_353_600);

/// The hash as it stands in a header.
fn sha256_hex(body: &[u8]) -> String {
    match BodyHash::of(body) {
        BodyHash::Sha256(hash) => hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        other => panic!("{other:?}"),
    }
}

fn credentials() -> Credentials {
    Credentials::new(KEY_ID, Secret::new(SECRET))
}

fn signature(parts: &Parts) -> String {
    let text = parts.headers["authorization"].to_str().unwrap();
    text.rsplit("Signature=").next().unwrap().to_owned()
}

fn s3(request: http::request::Builder, body: &[u8]) -> String {
    let mut parts = request.body(()).unwrap().into_parts().0;
    sign(&mut parts, &BodyHash::of(body), &credentials(), "us-east-1", "s3", NOW).unwrap();
    signature(&parts)
}

#[test]
fn the_s3_examples_for_the_authorization_header() {
    let host = "http://examplebucket.s3.amazonaws.com";
    let get = Request::get(format!("{host}/test.txt")).header("range", "bytes=0-9");
    assert_eq!(s3(get, b""), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    let put = Request::put(format!("{host}/test$file.text"))
        .header("date", "Fri, 24 May 2013 00:00:00 GMT")
        .header("x-amz-storage-class", "REDUCED_REDUNDANCY");
    assert_eq!(
        s3(put, b"Welcome to Amazon S3."),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
    let lifecycle = Request::get(format!("{host}/?lifecycle"));
    assert_eq!(
        s3(lifecycle, b""),
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    );
    let list = Request::get(format!("{host}/?max-keys=2&prefix=J"));
    assert_eq!(s3(list, b""), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

#[test]
fn the_s3_example_for_query_parameters() {
    let request = Request::get("http://examplebucket.s3.amazonaws.com/test.txt");
    let mut parts = request.body(()).unwrap().into_parts().0;
    let day = Duration::from_secs(86_400);
    presign(&mut parts, &BodyHash::Unsigned, &credentials(), "us-east-1", "s3", day, NOW).unwrap();
    assert!(parts.uri.query().unwrap().ends_with(
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    ));
}

#[test]
fn the_iam_example() {
    let request = Request::get("http://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let mut parts = request.body(()).unwrap().into_parts().0;
    let credentials =
        Credentials::new("AKIDEXAMPLE", Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    let now = Timestamp::parse_iso8601("2015-08-30T12:36:00Z").unwrap();
    sign(&mut parts, &BodyHash::EMPTY, &credentials, "us-east-1", "iam", now).unwrap();
    assert_eq!(
        signature(&parts),
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

fn chunked_request(seed: &str, kind: &str, extra: &[(&str, &str)], signed: &str) -> Parts {
    let mut request = Request::put("http://s3.amazonaws.com/examplebucket/chunkObject.txt")
        .header("host", "s3.amazonaws.com")
        .header("x-amz-date", "20130524T000000Z")
        .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
        .header("x-amz-content-sha256", kind)
        .header("content-encoding", "aws-chunked")
        .header("x-amz-decoded-content-length", "66560");
    for (name, value) in extra {
        request = request.header(*name, *value);
    }
    let credential = format!("{KEY_ID}/20130524/us-east-1/s3/aws4_request");
    let text =
        format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={signed},Signature={seed}");
    request.header("authorization", text).body(()).unwrap().into_parts().0
}

fn decode(kind: Streaming, parts: &Parts, body: &[u8], step: usize) -> Result<Vec<u8>, Error> {
    let presented = Presented::parse(parts)?.unwrap();
    let key = SigningKey::derive(&Secret::new(SECRET), "20130524", "us-east-1", "s3");
    let hash = presented.s3_body(parts)?;
    assert_eq!(hash, BodyHash::Streaming(kind));
    presented.verify(&key, parts, &hash, NOW, PathStyle::S3)?;
    let mut decoder = ChunkDecoder::new(kind, &presented, key, parts)?;
    let mut out = Vec::new();
    for piece in body.chunks(step) {
        out.extend_from_slice(&decoder.push(piece)?);
    }
    decoder.finish()?;
    Ok(out)
}

#[test]
fn the_s3_example_for_chunked_uploads() {
    let parts = chunked_request(
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        &[("content-length", "66824")],
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class",
    );
    let mut body = Vec::new();
    for (size, signature) in [
        (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ] {
        body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
        body.extend(std::iter::repeat_n(b'a', size));
        body.extend_from_slice(b"\r\n");
    }
    assert_eq!(body.len(), 66824);
    for step in [1, 7, 1000, 65_536, body.len()] {
        assert_eq!(decode(Streaming::Signed, &parts, &body, step), Ok(vec![b'a'; 66560]));
    }
    let mut changed = body.clone();
    changed[70_000 - 4000] ^= 1;
    assert_eq!(decode(Streaming::Signed, &parts, &changed, 4096), Err(Error::Mismatch));
    let cut = &body[..body.len() - 2];
    assert_eq!(decode(Streaming::Signed, &parts, cut, 4096), Err(Error::IncompleteBody));
}

#[test]
fn the_s3_example_for_chunked_uploads_with_a_trailer() {
    let parts = chunked_request(
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        &[("x-amz-trailer", "x-amz-checksum-crc32c")],
        "content-encoding;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
    );
    let mut body = Vec::new();
    for (size, signature) in [
        (65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        (1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
    ] {
        body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
        body.extend(std::iter::repeat_n(b'a', size));
        if size > 0 {
            body.extend_from_slice(b"\r\n");
        }
    }
    body.extend_from_slice(
        b"x-amz-checksum-crc32c:sOO8/Q==\n\r\nx-amz-trailer-signature:\
          d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
    );
    for step in [1, 4096, body.len()] {
        assert_eq!(decode(Streaming::SignedTrailer, &parts, &body, step), Ok(vec![b'a'; 66560]));
    }
    let text = String::from_utf8(body).unwrap();
    let changed = text.replace("sOO8", "sOO9");
    let refused = decode(Streaming::SignedTrailer, &parts, changed.as_bytes(), 4096);
    assert_eq!(refused, Err(Error::Mismatch));
}

#[test]
fn a_declared_hash_is_the_hash_of_the_body() {
    let request = Request::put("http://s3.amazonaws.com/b/k").body(()).unwrap();
    let mut parts = request.into_parts().0;
    sign(&mut parts, &BodyHash::of(b"x"), &credentials(), "us-east-1", "s3", NOW).unwrap();
    assert_eq!(parts.headers["x-amz-content-sha256"], sha256_hex(b"x"));
}
