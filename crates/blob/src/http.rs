//! How `object_store` reaches an object storage: hyper, with TLS and this host's roots of trust.

use futures_util::{future::BoxFuture, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error as ClientError, connect::HttpConnector as TcpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use object_store::{
    ClientOptions, Result,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
        HttpResponse, HttpResponseBody, HttpService,
    },
};
use std::{io, time::Duration};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take until the head of its reply is there: a part is 5 MiB.
const REPLY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a reply's body may stand still.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(20);

/// Makes one pool of connections for a storage.
#[derive(Debug)]
pub(crate) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> Result<HttpClient> {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
            object_store::Error::Generic { store: "S3", source: Box::new(error) }
        })?;
        let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
        let pool = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(HttpClient::new(Pool(pool)))
    }
}

#[derive(Debug)]
struct Pool(Client<HttpsConnector<TcpConnector>, HttpRequestBody>);

impl HttpService for Pool {
    // The form that `async_trait` gives a method: the trait is made with it.
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> BoxFuture<'b, std::result::Result<HttpResponse, HttpError>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let reply = tokio::time::timeout(REPLY_TIMEOUT, self.0.request(request)).await;
            let reply = reply.map_err(|_| timed_out("the object storage does not answer"))?;
            let (parts, body) = reply.map_err(failed)?.into_parts();
            let frames = stream::try_unfold(body, |mut body| async move {
                let frame = tokio::time::timeout(READ_TIMEOUT, body.frame()).await;
                let frame = frame.map_err(|_| timed_out("the object storage stopped sending"))?;
                let frame = frame.transpose();
                let frame =
                    frame.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error));
                Ok(frame?.map(|frame| (frame, body)))
            });
            let body = HttpResponseBody::new(StreamBody::new(frames));
            Ok(HttpResponse::from_parts(parts, body))
        })
    }
}

fn timed_out(what: &str) -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, io::Error::new(io::ErrorKind::TimedOut, what))
}

/// What may be tried again is decided by the kind.
fn failed(error: ClientError) -> HttpError {
    let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Interrupted };
    HttpError::new(kind, error)
}
