use crate::{Error, fault};
use bytes::Bytes;
use clock::SharedClock;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::Value;
use sigv4::{BodyHash, Credentials};
use std::time::Duration;

/// The largest reply that is read, in bytes; the largest reply of an invocation is 6 MiB.
pub const MAX_REPLY_BYTES: usize = 64 * 1024 * 1024;
/// How long connecting may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take until its reply is complete: a function's 15 minutes and a margin.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(16 * 60);
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(20);

/// A client of one endpoint with one identity. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    endpoint: Uri,
    credentials: Credentials,
    region: String,
    clock: SharedClock,
}

/// A complete reply, whatever its status is.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Bytes,
}

impl Client {
    /// A client of the endpoint, such as `http://127.0.0.1:4566`. Connects with the first request.
    ///
    /// # Errors
    /// [`Error::Endpoint`] if the endpoint is no `http` URL with a host.
    pub fn new(
        endpoint: &str,
        credentials: Credentials,
        region: &str,
        clock: SharedClock,
    ) -> Result<Self, Error> {
        let uri: Uri =
            endpoint.trim_end_matches('/').parse().map_err(|_| bad_endpoint(endpoint))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(bad_endpoint(endpoint));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let pool = Pool::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self { pool, endpoint: uri, credentials, region: region.to_owned(), clock })
    }

    /// The endpoint as it was given, without a slash at its end.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.endpoint.to_string().trim_end_matches('/').to_owned()
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The clock that requests are signed with.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Calls an operation of a JSON 1.0 or 1.1 service. `target` is the value of `X-Amz-Target`,
    /// such as `DynamoDB_20120810.GetItem`.
    ///
    /// # Errors
    /// [`Error::Service`] with what the service answered; the others if there is no proper answer.
    pub async fn json(&self, service: &str, target: &str, input: &Value) -> Result<Value, Error> {
        let mut request = self.request(Method::POST, "/", Bytes::from(input.to_string()))?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        let target = HeaderValue::from_str(target)
            .map_err(|_| Error::Request(format!("{target:?} is no target")))?;
        headers.insert("x-amz-target", target);
        let reply = fault::check(self.send(service, request).await?)?;
        if reply.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&reply.body).map_err(|error| Error::Reply(error.to_string()))
    }

    /// A request to a path of this endpoint, with its query if it has one.
    ///
    /// # Errors
    /// [`Error::Request`] if the path is not one.
    pub fn request(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
    ) -> Result<Request<Bytes>, Error> {
        let base = self.endpoint.path().trim_end_matches('/');
        let path = format!("{base}{path_and_query}");
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.endpoint.authority().map_or("", |authority| authority.as_str()))
            .path_and_query(&path)
            .build();
        let uri = uri.map_err(|_| Error::Request(format!("{path:?} is no path")))?;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        Ok(request)
    }

    /// Signs a request for a service, sends it, and gives the reply, whatever its status is.
    ///
    /// # Errors
    /// There is no complete reply.
    pub async fn send(&self, service: &str, request: Request<Bytes>) -> Result<Reply, Error> {
        let (mut parts, body) = request.into_parts();
        let hash = BodyHash::of(&body);
        let now = self.clock.now();
        sigv4::sign(&mut parts, &hash, &self.credentials, &self.region, service, now)
            .map_err(|error| Error::Request(error.to_string()))?;
        self.send_unsigned(Request::from_parts(parts, body)).await
    }

    /// Sends a request as it is, to the host in its URI.
    ///
    /// # Errors
    /// There is no complete reply.
    pub async fn send_unsigned(&self, request: Request<Bytes>) -> Result<Reply, Error> {
        let (parts, body) = request.into_parts();
        let url = origin(&parts.uri);
        let exchange = async {
            let request = Request::from_parts(parts, Full::new(body));
            let response = self.pool.request(request).await.map_err(|e| Error::of(&e, &url))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_REPLY_BYTES).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Error::Reply(format!("the reply is larger than {MAX_REPLY_BYTES} bytes"))
                } else {
                    Error::Connection { url: url.clone(), reason: error.to_string() }
                }
            })?;
            Ok(Reply { status: parts.status, headers: parts.headers, body: body.to_bytes() })
        };
        tokio::time::timeout(REQUEST_TIMEOUT, exchange).await.unwrap_or_else(|_| {
            let reason = format!("no reply within {} seconds", REQUEST_TIMEOUT.as_secs());
            Err(Error::Connection { url: url.clone(), reason })
        })
    }
}

impl Reply {
    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn bad_endpoint(text: &str) -> Error {
    Error::Endpoint(text.to_owned())
}

fn origin(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{}://{authority}", uri.scheme_str().unwrap_or("http"))
}
