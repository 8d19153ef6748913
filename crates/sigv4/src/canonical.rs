use crate::{
    ALGORITHM, BodyHash, PathStyle, SigningKey,
    date::AmzDate,
    encoding::{write_path, write_query},
    key::hex32,
    scope::Scope,
};
use http::{header::HOST, request::Parts};
use sha2::{Digest, Sha256};

/// The canonical request: the text that both sides build from the same request.
pub(crate) fn canonical_request(
    parts: &Parts,
    signed_headers: &str,
    body: &BodyHash,
    style: PathStyle,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.push(b'\n');
    write_path(&mut out, parts.uri.path(), style);
    out.push(b'\n');
    write_query(&mut out, parts.uri.query().unwrap_or_default());
    out.push(b'\n');
    for name in signed_headers.split(';') {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        write_header(&mut out, parts, name);
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    body.write(&mut out);
    out
}

/// All values of one header in order, joined by commas. HTTP/2 carries the host in the URI.
fn write_header(out: &mut Vec<u8>, parts: &Parts, name: &str) {
    let mut values = parts.headers.get_all(name).iter().peekable();
    if values.peek().is_none() && name == HOST.as_str() {
        let authority = parts.uri.authority().map_or("", |authority| authority.as_str());
        out.extend_from_slice(authority.as_bytes());
    }
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_value(out, value.as_bytes());
    }
}

/// A value without spaces at its ends and with one space for each run of them inside.
fn write_value(out: &mut Vec<u8>, value: &[u8]) {
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// The parts of the string to sign, lent to `then`.
fn with_string_to_sign<T>(
    date: &AmzDate,
    scope: &Scope,
    canonical: &[u8],
    then: impl FnOnce(&[&[u8]]) -> T,
) -> T {
    let hash = hex32(&Sha256::digest(canonical).into());
    then(&[
        ALGORITHM.as_bytes(),
        b"\n",
        date.as_str().as_bytes(),
        b"\n",
        scope.as_str().as_bytes(),
        b"\n",
        &hash,
    ])
}

pub(crate) fn signature(
    key: &SigningKey,
    date: &AmzDate,
    scope: &Scope,
    canonical: &[u8],
) -> [u8; 32] {
    with_string_to_sign(date, scope, canonical, |parts| key.sign(parts))
}

pub(crate) fn signature_is(
    expected: &[u8; 32],
    key: &SigningKey,
    date: &AmzDate,
    scope: &Scope,
    canonical: &[u8],
) -> bool {
    with_string_to_sign(date, scope, canonical, |parts| key.check(parts, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canonical_request_is_the_documented_text() {
        let (parts, ()) = http::Request::put("http://host.test/a%20b?z=1&y")
            .header("x-multi", " a   b ")
            .header("x-multi", "c")
            .body(())
            .unwrap()
            .into_parts();
        let text = canonical_request(&parts, "host;x-multi", &BodyHash::Unsigned, PathStyle::S3);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "PUT\n/a%20b\ny=&z=1\nhost:host.test\nx-multi:a b,c\n\nhost;x-multi\nUNSIGNED-PAYLOAD"
        );
    }
}
