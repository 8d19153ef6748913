//! Bodies in the `aws-chunked` encoding: framing, limits, tampering, the unsigned form.

use http::{Request, request::Parts};
use proptest::prelude::*;
use sigv4::{
    BodyHash, ChunkDecoder, Credentials, Error, PathStyle, Presented, SigningKey, Streaming,
    Trailers, sign,
};
use types::{Secret, Timestamp};

const NOW: Timestamp = Timestamp::from_secs(1_795_378_625);

fn request(kind: Streaming, length: &str, trailer: &str) -> Parts {
    let mut request =
        Request::put("http://localhost:4566/b/k").header("x-amz-decoded-content-length", length);
    if !trailer.is_empty() {
        request = request.header("x-amz-trailer", trailer);
    }
    let mut parts = request.body(()).unwrap().into_parts().0;
    let credentials = Credentials::new("AKID", Secret::new("secret"));
    let body = BodyHash::Streaming(kind);
    sign(&mut parts, &body, &credentials, "us-east-1", "s3", NOW).unwrap();
    parts
}

fn decoder(kind: Streaming, parts: &Parts) -> Result<ChunkDecoder, Error> {
    let presented = Presented::parse(parts)?.unwrap();
    let key = SigningKey::derive(&Secret::new("secret"), presented.date(), "us-east-1", "s3");
    presented.verify(&key, parts, &presented.s3_body(parts)?, NOW, PathStyle::S3)?;
    ChunkDecoder::new(kind, &presented, key, parts)
}

fn unsigned(length: &str, trailer: &str, body: &[u8]) -> Result<(Vec<u8>, Trailers), Error> {
    let parts = request(Streaming::UnsignedTrailer, length, trailer);
    let mut decoder = decoder(Streaming::UnsignedTrailer, &parts)?;
    let out = decoder.push(body)?.to_vec();
    Ok((out, decoder.finish()?))
}

#[test]
fn an_unsigned_body_gives_its_data_and_trailer() {
    let body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    let (data, trailers) = unsigned("5", "x-amz-checksum-crc32", body).unwrap();
    assert_eq!(data, b"hello");
    let expected = ("x-amz-checksum-crc32".to_owned(), "NhCmhg==".to_owned());
    assert_eq!(trailers, [expected]);
    assert_eq!(unsigned("0", "", b"0\r\n\r\n").unwrap(), (Vec::new(), Vec::new()));
}

#[test]
fn unsigned_data_passes_through_before_its_chunk_ends() {
    let parts = request(Streaming::UnsignedTrailer, "20000", "");
    let mut decoder = decoder(Streaming::UnsignedTrailer, &parts).unwrap();
    assert_eq!(&decoder.push(b"4e20\r\nabc").unwrap()[..], b"abc");
    assert_eq!(&decoder.push(b"def").unwrap()[..], b"def");
    assert_eq!(decoder.finish(), Err(Error::IncompleteBody));
}

#[test]
fn broken_framing_is_refused_by_reason() {
    let cases: &[(&str, &str, &[u8], Error)] = &[
        ("5", "", b"5\r\nhello\r\n", Error::IncompleteBody),
        ("5", "", b"5\r\nhello\r\n0\r\n", Error::IncompleteBody),
        ("6", "", b"5\r\nhello\r\n0\r\n\r\n", Error::IncompleteBody),
        ("4", "", b"5\r\nhello\r\n0\r\n\r\n", Error::IncompleteBody),
        ("5", "", b"5\r\nhelloX\r\n", Error::MalformedChunk),
        ("5", "", b"x\r\nhello\r\n", Error::MalformedChunk),
        ("5", "", b"\r\nhello\r\n", Error::MalformedChunk),
        ("5", "", b"-5\r\nhello\r\n", Error::MalformedChunk),
        ("5", "", b"11111111111111111\r\n", Error::MalformedChunk),
        ("5", "", b"5\r\nhello\r\n0\r\n\r\nmore", Error::MalformedChunk),
        ("10", "", b"5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", Error::ChunkTooSmall),
        ("0", "", b"0\r\nx-amz-checksum-crc32:a\r\n\r\n", Error::MalformedTrailer),
        ("0", "a", b"0\r\n\r\n", Error::MalformedTrailer),
        ("0", "a", b"0\r\na:1\r\na:2\r\n\r\n", Error::MalformedTrailer),
        ("0", "a", b"0\r\nno colon\r\n\r\n", Error::MalformedTrailer),
        ("0", "a", b"0\r\nx-amz-trailer-signature:00\r\n\r\n", Error::MalformedTrailer),
        ("", "", b"", Error::MissingDecodedLength),
        ("-1", "", b"", Error::MissingDecodedLength),
    ];
    for (length, trailer, body, expected) in cases {
        let refused = unsigned(length, trailer, body).unwrap_err();
        assert_eq!(refused, *expected, "{}", String::from_utf8_lossy(body));
    }
    let long = vec![b'1'; 5000];
    assert_eq!(unsigned("5", "", &long).unwrap_err(), Error::MalformedChunk);
}

#[test]
fn signed_data_passes_through_and_its_signature_is_checked_at_the_end_of_its_chunk() {
    let parts = request(Streaming::Signed, "5", "");
    let mut decoder = decoder(Streaming::Signed, &parts).unwrap();
    let line = format!("5;chunk-signature={}\r\nhell", "0".repeat(64));
    assert_eq!(&decoder.push(line.as_bytes()).unwrap()[..], b"hell");
    assert_eq!(decoder.push(b"o"), Err(Error::Mismatch));
}

#[test]
fn a_signed_form_does_not_take_chunks_without_signatures() {
    for kind in [Streaming::Signed, Streaming::SignedTrailer] {
        let parts = request(kind, "5", "");
        let mut decoder = decoder(kind, &parts).unwrap();
        assert_eq!(decoder.push(b"5\r\nhello\r\n"), Err(Error::Mismatch));
    }
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_data(
        sizes in prop::collection::vec(8192_usize..9000, 0..3),
        last in 0_usize..100,
        step in 1_usize..5000,
    ) {
        let mut body = Vec::new();
        let mut data = Vec::new();
        for size in sizes.into_iter().chain((last > 0).then_some(last)) {
            body.extend_from_slice(format!("{size:x}\r\n").as_bytes());
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            body.extend_from_slice(&bytes);
            body.extend_from_slice(b"\r\n");
            data.extend_from_slice(&bytes);
        }
        body.extend_from_slice(b"0\r\n\r\n");
        let parts = request(Streaming::UnsignedTrailer, &data.len().to_string(), "");
        let mut decoder = decoder(Streaming::UnsignedTrailer, &parts).unwrap();
        let mut out = Vec::new();
        for piece in body.chunks(step) {
            out.extend_from_slice(&decoder.push(piece).unwrap());
        }
        prop_assert_eq!(decoder.finish(), Ok(Vec::new()));
        prop_assert_eq!(out, data);
    }
}
