//! The requests, which are the same for every server.

use super::fill::{PAGE, listed};
use crate::http::template::{Expected, Template};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Uri,
    header::{CONTENT_LENGTH, HOST},
};
use md5::{Digest, Md5};
use std::net::SocketAddr;

/// Objects of one size.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    pub(crate) name: &'static str,
    /// The bucket that they lie in.
    pub(crate) bucket: &'static str,
    pub(crate) bytes: usize,
    /// How many different ones there are.
    pub(crate) count: usize,
}

pub(crate) const SMALL: Body = Body { name: "4 KiB", bucket: "small", bytes: 4 << 10, count: 256 };
pub(crate) const LARGE: Body = Body { name: "1 MiB", bucket: "large", bytes: 1 << 20, count: 32 };

/// Different lists.
const LISTS: usize = 64;

impl Body {
    /// The bytes of one.
    fn content(self, number: usize) -> Bytes {
        let seed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let words = (1..=self.bytes as u64 / 8).map(|at| at.wrapping_mul(seed).rotate_left(29));
        words.flat_map(u64::to_le_bytes).collect()
    }

    fn path(self, number: usize) -> String {
        format!("/{}/object-{number:04}", self.bucket)
    }
}

/// Any request of S3.
pub(crate) fn request(
    address: SocketAddr,
    method: Method,
    path: &str,
    body: Bytes,
    expected: Expected,
) -> Template {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    let uri: Uri = path.parse().expect("the paths of the bench are valid");
    *request.uri_mut() = uri;
    let host = HeaderValue::from_str(&address.to_string()).expect("an address is ASCII");
    request.headers_mut().insert(HOST, host);
    if request.method() != Method::GET {
        let length = request.body().len();
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Template::of("s3", request, expected)
}

/// Puts one object.
pub(crate) fn put(address: SocketAddr, path: &str, content: Bytes) -> Template {
    let etag = hex::encode(Md5::digest(&content));
    request(address, Method::PUT, path, content, Expected::Stored(etag))
}

/// A put of each.
pub(crate) fn puts(address: SocketAddr, body: Body) -> Vec<Template> {
    (0..body.count).map(|n| put(address, &body.path(n), body.content(n))).collect()
}

/// A get of each.
pub(crate) fn gets(address: SocketAddr, body: Body) -> Vec<Template> {
    let get = |number: usize| {
        let expected = Expected::Bytes(body.content(number));
        request(address, Method::GET, &body.path(number), Bytes::new(), expected)
    };
    (0..body.count).map(get).collect()
}

/// Lists that begin at different places of a bucket with so many objects.
pub(crate) fn lists(address: SocketAddr, bucket: &str, objects: usize) -> Vec<Template> {
    let list = |number: usize| {
        let first = (objects - PAGE) * number / LISTS;
        let after = first.checked_sub(1).map(|last| format!("&start-after={}", listed(last)));
        let path = format!("/{bucket}?list-type=2&max-keys={PAGE}{}", after.unwrap_or_default());
        let expected = Expected::Keys(PAGE, [listed(first), listed(first + PAGE - 1)]);
        request(address, Method::GET, &path, Bytes::new(), expected)
    };
    (0..LISTS).map(list).collect()
}
