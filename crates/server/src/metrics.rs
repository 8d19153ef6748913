//! What this node counts, told in two ways.
//!
//! * `GET /_pileus/metrics`, signed like every request, for those who may `pileus:GetMetrics`: JSON,
//!   for `pileus top`.
//! * `GET /metrics` in Prometheus's text format, on a listener of its own that is off unless the
//!   configuration names its address. Prometheus does not sign what it scrapes, and on the service's
//!   own port `/metrics` is a bucket of that name; but nothing here is open to everybody: a scrape
//!   carries the token in `metrics.token` of the data folder (`authorization.credentials_file` in
//!   `prometheus.yml`).

use crate::{endpoint, front, reply::Socket};
use bytes::Bytes;
use functions::Functions;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use service::{
    Fault, Front, FrontRequest, FrontResponse, Platform,
    delivery::Delivery,
    metrics::{GaugeVec, Metrics},
};
use std::{collections::HashMap, convert::Infallible, future::Future, sync::Arc, time::Duration};
use subtle::ConstantTimeEq;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, watch},
    task::JoinSet,
};
use types::{Secret, Timestamp};

const PATH: &str = "/_pileus/metrics";
/// The content type of Prometheus's text format.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
/// Events that wait are looked at up to this number.
const MAX_EVENTS: usize = 1_000;
/// Scrapers at once.
const MAX_CONNECTIONS: usize = 16;
/// A scraper sends its request's head within this time, and may idle this long between requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// A scraper that takes nothing of its answer for this long is cut off.
const REPLY_PAUSE: Duration = Duration::from_secs(60);

/// Everything that is counted, brought up to date.
pub(crate) struct Scrape {
    platform: Arc<Platform>,
    functions: Arc<Functions>,
    waiting: GaugeVec,
    oldest: GaugeVec,
    /// Held while they are brought up to date and told: nobody is told half of that.
    looking: Mutex<()>,
}

impl Scrape {
    pub(crate) fn new(platform: Arc<Platform>, functions: Arc<Functions>) -> Self {
        let metrics = &platform.metrics;
        let build = metrics.gauge("pileus_build_info", "The version of Pileus.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
        let start = metrics.gauge("process_start_time_seconds", "When this node started.", &[]);
        let now = platform.clock.now().as_millis() as f64 / 1_000.0;
        start.with_label_values::<&str>(&[]).set(now);
        Self {
            waiting: metrics.gauge(
                "pileus_async_events",
                "Asynchronous events that wait for the function, in the whole installation; of at \
                 most 1000 deliveries.",
                &["function"],
            ),
            oldest: metrics.gauge(
                "pileus_async_oldest_event_age_seconds",
                "The age of the oldest of them.",
                &["function"],
            ),
            looking: Mutex::default(),
            platform,
            functions,
        }
    }

    async fn tell<T>(&self, tell: impl FnOnce(&Metrics) -> T) -> Result<T, Fault> {
        let _looking = self.looking.lock().await;
        self.look().await?;
        Ok(tell(&self.platform.metrics))
    }

    async fn look(&self) -> Result<(), Fault> {
        self.functions.look().await?;
        let deliveries = router::list_deliveries(&self.platform, MAX_EVENTS).await?;
        let events = by_function(deliveries.iter().map(|listed| &listed.record));
        self.waiting.reset();
        self.oldest.reset();
        let now = self.platform.clock.now();
        for (function, (count, oldest)) in events {
            self.waiting.with_label_values(&[function]).set(f64::from(count));
            let age = now.since(oldest).as_secs_f64();
            self.oldest.with_label_values(&[function]).set(age);
        }
        Ok(())
    }

    async fn json(&self, request: FrontRequest) -> Result<Value, Fault> {
        if request.parts.method != Method::GET {
            return Err(front::unknown(&request));
        }
        front::permit(&self.platform, request.caller, &["pileus:GetMetrics"])?;
        self.tell(Metrics::to_json).await
    }
}

/// How many events wait for each function, and since when the oldest does.
fn by_function<'a>(
    deliveries: impl Iterator<Item = &'a Delivery>,
) -> HashMap<&'a str, (u32, Timestamp)> {
    let mut events: HashMap<&str, (u32, Timestamp)> = HashMap::new();
    for delivery in deliveries.filter(|delivery| delivery.target.service() == "lambda") {
        let resource = delivery.target.resource();
        let function = resource.split(':').nth(1).unwrap_or(resource);
        let (count, oldest) = events.entry(function).or_insert((0, delivery.created));
        (*count, *oldest) = (*count + 1, (*oldest).min(delivery.created));
    }
    events
}

/// The signed way.
pub(crate) struct MetricsFront(pub(crate) Arc<Scrape>);

impl Front for MetricsFront {
    fn signing_name(&self) -> &'static str {
        "lambda"
    }

    fn claims(&self, _host: &str, path: &str) -> bool {
        path == PATH
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move { front::answer(self.0.json(request).await) })
    }
}

/// Prometheus's way: the listener and who may read.
pub(crate) struct Exporter {
    pub(crate) scrape: Arc<Scrape>,
    pub(crate) token: Secret,
}

impl Exporter {
    /// Serves until `stop` says so; a scrape under way is cut off then.
    pub(crate) async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let exporter = Arc::new(self);
        let mut connections = JoinSet::new();
        loop {
            let room = connections.len() < MAX_CONNECTIONS;
            tokio::select! {
                () = endpoint::stopped(&mut stop) => return,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept(), if room => match accepted {
                    Ok((stream, _)) => {
                        let exporter = exporter.clone();
                        connections.spawn(converse(stream, REPLY_PAUSE, move |request| {
                            let exporter = exporter.clone();
                            async move { exporter.answer(&request).await }
                        }));
                    }
                    // Out of descriptors: others may still come.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                },
            }
        }
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_known(request) {
            let mut response = plain(StatusCode::UNAUTHORIZED, "send the token of metrics.token\n");
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            return response;
        }
        if request.method() != Method::GET || request.uri().path() != "/metrics" {
            return plain(StatusCode::NOT_FOUND, "see /metrics\n");
        }
        let text = match self.scrape.tell(Metrics::text).await {
            Ok(text) => text,
            Err(fault) => {
                tracing::error!(%fault, "metrics cannot be read");
                return plain(StatusCode::INTERNAL_SERVER_ERROR, "the store cannot be read\n");
            }
        };
        let mut response = plain(StatusCode::OK, text);
        response.headers_mut().insert(header::CONTENT_TYPE, TEXT);
        response
    }

    fn is_known(&self, request: &Request<Incoming>) -> bool {
        let sent = request.headers().get(header::AUTHORIZATION);
        let sent = sent.and_then(|value| value.to_str().ok());
        let token = sent.and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| {
            token.trim().as_bytes().ct_eq(self.token.expose().as_bytes()).into()
        })
    }
}

async fn converse<A>(stream: TcpStream, pause: Duration, answer: impl Fn(Request<Incoming>) -> A)
where
    A: Future<Output = Response<Full<Bytes>>>,
{
    let answer = service_fn(|request| {
        let answered = answer(request);
        async { Ok::<_, Infallible>(answered.await) }
    });
    // A scraper that breaks off asks again.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(Socket::new(stream, pause)), answer)
        .await;
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    #[tokio::test]
    async fn a_scraper_that_takes_nothing_of_its_answer_is_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut scraper = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        scraper.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        // More than the buffers of two sockets hold.
        let answer = async |_| plain(StatusCode::OK, vec![b' '; 64 << 20]);
        let ended = converse(stream, Duration::from_millis(50), answer);
        tokio::time::timeout(Duration::from_secs(300), ended).await.expect("cut off");
        drop(scraper);
    }
}
