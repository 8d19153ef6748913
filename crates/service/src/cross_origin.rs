//! Requests by pages of other origins: what browsers ask ("HTTP CORS protocol" of the Fetch
//! standard), and how they are answered. Who may ask what is each service's own.

use crate::Fault;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};

/// What a browser asks for a page of another origin: before a request, or with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The page's origin.
    pub origin: String,
    /// The method of the request itself.
    pub method: String,
    /// The names of the headers that the page sets, in lower case. Known before a request only.
    pub headers: Vec<String>,
    /// Whether the request itself is yet to come.
    pub is_preflight: bool,
}

/// Why a request asks nothing, though its method is `OPTIONS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// It names no origin.
    Origin,
    /// It does not name the method that it is about.
    Method,
}

fn text(parts: &Parts, name: HeaderName) -> Option<&str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
}

/// The names in a list with commas, in lower case.
fn names(list: &str) -> Vec<String> {
    let names = list.split(',').map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

impl Asked {
    /// What a request asks before another one.
    ///
    /// # Errors
    /// It does not say enough.
    pub fn before(parts: &Parts) -> Result<Self, Unasked> {
        let origin = text(parts, header::ORIGIN).ok_or(Unasked::Origin)?.to_owned();
        let method = text(parts, header::ACCESS_CONTROL_REQUEST_METHOD).ok_or(Unasked::Method)?;
        let headers = text(parts, header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        let (method, headers) = (method.to_owned(), names(headers));
        Ok(Self { origin, method, headers, is_preflight: true })
    }

    /// What a request asks for itself; nothing, if it comes from no page or is a preflight.
    #[must_use]
    pub fn with(parts: &Parts) -> Option<Self> {
        let origin = text(parts, header::ORIGIN).filter(|_| parts.method != Method::OPTIONS)?;
        let (origin, method) = (origin.to_owned(), parts.method.as_str().to_owned());
        Some(Self { origin, method, headers: Vec::new(), is_preflight: false })
    }
}

/// What a page may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Whether every origin may; else only the one that asked is told.
    pub any_origin: bool,
    /// The methods.
    pub methods: Vec<String>,
    /// The headers of replies that the page may read.
    pub expose: Vec<String>,
    /// For how many seconds a browser need not ask again.
    pub max_age: Option<u32>,
    /// Whether the page may use what the user has: cookies and certificates.
    pub credentials: bool,
}

/// On what an answer depends that says anything about origins.
const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

impl Allowed {
    /// The headers of the answer to `asked`.
    #[must_use]
    pub fn headers(&self, asked: &Asked) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, text: &str| {
            // What came in a header fits in one.
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        };
        let origin = if self.any_origin { "*" } else { asked.origin.as_str() };
        set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(header::ACCESS_CONTROL_ALLOW_METHODS, &self.methods.join(", "));
        if self.credentials {
            set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if !self.expose.is_empty() {
            set(header::ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose.join(", "));
        }
        if !asked.headers.is_empty() {
            set(header::ACCESS_CONTROL_ALLOW_HEADERS, &asked.headers.join(", "));
        }
        if let Some(seconds) = self.max_age {
            set(header::ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
        set(header::VARY, VARY);
        headers
    }
}

/// What of a service a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed<'a> {
    /// The resource that says who may ask: a bucket.
    pub resource: &'a str,
    /// What of it is asked for: an object's key.
    pub item: Option<&'a str>,
}

/// Says what pages of other origins may do with the resources of a service. Dispatch asks it for
/// every request that has an `Origin`, whoever signed it: it opens nothing but what a browser shows
/// to a page.
pub trait CrossOrigin: Send + Sync + 'static {
    /// What the page may do that asks.
    ///
    /// # Errors
    /// It may not: the answer to a preflight. Any other request goes its way, and its answer says
    /// nothing of origins.
    fn allowed<'a>(
        &'a self,
        addressed: Addressed<'a>,
        asked: &'a Asked,
    ) -> BoxFuture<'a, Result<Allowed, Fault>>;

    /// The answer to a preflight that does not say enough.
    fn unasked(&self, what: Unasked) -> Fault;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_preflight_names_origin_method_and_headers() {
        let all = [
            ("origin", "http://a"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "X-A, content-type"),
        ];
        assert_eq!(Asked::before(&parts("OPTIONS", &all[1..])), Err(Unasked::Origin));
        assert_eq!(Asked::before(&parts("OPTIONS", &all[..1])), Err(Unasked::Method));
        let asked = Asked::before(&parts("OPTIONS", &all)).unwrap();
        assert_eq!((asked.method.as_str(), asked.headers.len()), ("PUT", 2));
        assert_eq!(asked.headers[0], "x-a");
        assert_eq!(Asked::with(&parts("OPTIONS", &all)), None);
        assert_eq!(Asked::with(&parts("GET", &all)).unwrap().method, "GET");
        assert_eq!(Asked::with(&parts("GET", &[])), None);
    }

    #[test]
    fn an_answer_names_the_origin_that_asked_unless_all_may() {
        let asked = Asked::with(&parts("GET", &[("origin", "http://a")])).unwrap();
        let mut allowed = Allowed { methods: vec!["GET".to_owned()], ..Allowed::default() };
        let origin =
            |allowed: &Allowed| allowed.headers(&asked)["access-control-allow-origin"].clone();
        assert_eq!(origin(&allowed), "http://a");
        allowed.any_origin = true;
        assert_eq!(origin(&allowed), "*");
        assert_eq!(allowed.headers(&asked)["vary"], VARY);
    }
}
