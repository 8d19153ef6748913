//! REST-JSON: the operation is in the method and the path.

use crate::{Client, Error, Reply, fault};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One segment of a path, or a name or value of a query, percent-encoded.
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A REST call.
#[derive(Debug, Clone, Default)]
pub struct Rest<'a> {
    /// The method.
    pub method: Method,
    /// The path with its query; variable parts through [`segment`].
    pub path: &'a str,
    /// Headers besides those of the signature.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; JSON unless the headers say otherwise.
    pub body: Bytes,
}

impl Client {
    /// Makes a REST call. Gives the whole reply, because headers carry members of the output.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub async fn rest(&self, service: &str, call: Rest<'_>) -> Result<Reply, Error> {
        let mut request = self.request(call.method, call.path, call.body)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in call.headers {
            let bad = || Error::Request(format!("{name}: {value:?} is no header"));
            let name: HeaderName = name.parse().map_err(|_| bad())?;
            headers.insert(name, value.parse().map_err(|_| bad())?);
        }
        fault::check(self.send(service, request).await?)
    }
}
