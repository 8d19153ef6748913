use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::borrow::Cow;

/// Everything but the unreserved characters of RFC 3986.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &STRICT.remove(b'/');

/// How the path enters the canonical request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathStyle {
    /// Every service but S3: dot segments and empty segments are removed, and the path as sent,
    /// which is already percent-encoded, is encoded once more.
    Normalized,
    /// S3: keys are taken as they are and encoded once.
    S3,
    /// The same by those who write a slash within a key as `%2F`, and sign it so.
    S3Escaped,
}

impl PathStyle {
    /// The style of the service that a credential scope names.
    #[must_use]
    pub fn of(service: &str) -> Self {
        match service {
            "s3" | "s3express" | "s3-outposts" | "s3-object-lambda" => Self::S3,
            _ => Self::Normalized,
        }
    }
}

pub(crate) fn write_path(out: &mut Vec<u8>, path: &str, style: PathStyle) {
    match style {
        PathStyle::S3 => {
            let decoded: Cow<'_, [u8]> = percent_decode_str(path).into();
            write_encoded(out, if decoded.is_empty() { b"/" } else { &decoded }, PATH);
        }
        PathStyle::S3Escaped => {
            for (index, part) in path.split('/').enumerate() {
                if index > 0 {
                    out.push(b'/');
                }
                let decoded: Cow<'_, [u8]> = percent_decode_str(part).into();
                write_encoded(out, &decoded, STRICT);
            }
        }
        PathStyle::Normalized => write_normalized(out, path),
    }
}

/// Whether a path has a slash that is written as `%2F`.
pub(crate) fn has_escaped_slash(path: &str) -> bool {
    path.contains("%2F") || path.contains("%2f")
}

fn write_normalized(out: &mut Vec<u8>, path: &str) {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    for segment in &kept {
        out.push(b'/');
        write_encoded(out, segment.as_bytes(), STRICT);
    }
    if kept.is_empty() || path.ends_with('/') {
        out.push(b'/');
    }
}

fn write_encoded(out: &mut Vec<u8>, bytes: &[u8], set: &'static AsciiSet) {
    for piece in percent_encode(bytes, set) {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Decodes a name or value of a query string, where `+` stands for a space.
pub(crate) fn decode_query(text: &str) -> Cow<'_, [u8]> {
    if text.contains('+') {
        Cow::Owned(percent_decode_str(&text.replace('+', " ")).collect())
    } else {
        percent_decode_str(text).into()
    }
}

/// The pairs of a query string as sent; a name without `=` has an empty value.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Percent-encodes one name or value of a query string.
pub(crate) fn encode_query(text: &str) -> impl std::fmt::Display + '_ {
    percent_encode(text.as_bytes(), STRICT)
}

/// Writes the pairs sorted by encoded name, then value, without `X-Amz-Signature`.
pub(crate) fn write_query(out: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut buffer = Vec::with_capacity(query.len() + 32);
    let mut pairs = Vec::new();
    for (name, value) in query_pairs(query) {
        let name = decode_query(name);
        if *name == *SIGNATURE.as_bytes() {
            continue;
        }
        let start = buffer.len();
        write_encoded(&mut buffer, &name, STRICT);
        let middle = buffer.len();
        write_encoded(&mut buffer, &decode_query(value), STRICT);
        pairs.push((start..middle, middle..buffer.len()));
    }
    pairs.sort_unstable_by(|a, b| {
        (&buffer[a.0.clone()], &buffer[a.1.clone()])
            .cmp(&(&buffer[b.0.clone()], &buffer[b.1.clone()]))
    });
    for (index, (name, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(&buffer[name]);
        out.push(b'=');
        out.extend_from_slice(&buffer[value]);
    }
}

/// The one query parameter that is not itself signed.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str, style: PathStyle) -> String {
        let mut out = Vec::new();
        write_path(&mut out, text, style);
        String::from_utf8(out).unwrap()
    }

    fn query(text: &str) -> String {
        let mut out = Vec::new();
        write_query(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_normalized_path_is_encoded_twice() {
        let cases = [
            ("/", "/"),
            ("", "/"),
            ("/a/b/", "/a/b/"),
            ("//a///b", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("/../..", "/"),
            ("/a%20b:c", "/a%2520b%3Ac"),
        ];
        for (given, expected) in cases {
            assert_eq!(path(given, PathStyle::Normalized), expected, "{given}");
        }
    }

    #[test]
    fn an_s3_path_is_a_key_and_is_encoded_once() {
        let cases = [
            ("/", "/"),
            ("//a/../b/", "//a/../b/"),
            ("/a%20b!", "/a%20b%21"),
            ("/%7euser/%c3%a4", "/~user/%C3%A4"),
            ("/100%", "/100%25"),
        ];
        for (given, expected) in cases {
            assert_eq!(path(given, PathStyle::S3), expected, "{given}");
        }
    }

    #[test]
    fn an_escaped_slash_can_stay_one() {
        for given in ["/b/a%2Fb%20c", "/b/a%2fb c"] {
            assert_eq!(path(given, PathStyle::S3), "/b/a/b%20c");
            assert_eq!(path(given, PathStyle::S3Escaped), "/b/a%2Fb%20c");
        }
        assert!(has_escaped_slash("/a%2fb") && !has_escaped_slash("/a/b%20"));
    }

    #[test]
    fn a_query_is_sorted_and_encoded_anew() {
        assert_eq!(query("b=2&a=1&a=0&c"), "a=0&a=1&b=2&c=");
        assert_eq!(query("p=a+b&q=%7e%2f"), "p=a%20b&q=~%2F");
        assert_eq!(query("X-Amz-Signature=00&X-Amz-Date=1&&"), "X-Amz-Date=1");
        assert_eq!(query("a-b=1&a=2"), "a=2&a-b=1");
    }
}
