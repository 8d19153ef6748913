//! Requests, by service, operation and status. The labels come from the list of operations, so
//! that requests for what does not exist cannot add any.

use http::StatusCode;
use service::metrics::{DURATIONS, HistogramVec, IntCounter, IntCounterVec, Metrics};
use tokio::time::Instant;
use wire::Surface;

/// The operation, or the service, of a request that means none.
const UNKNOWN: &str = "unknown";
/// The operation of plain HTTP, such as function URLs.
const PLAIN: &str = "HTTP";

pub(crate) struct Meters {
    requests: IntCounterVec,
    seconds: HistogramVec,
    panics: IntCounter,
}

impl Meters {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let panics = metrics.counter("pileus_panics_total", "Requests that ended in a panic.", &[]);
        Self {
            requests: metrics.counter(
                "pileus_requests_total",
                "Requests, by the status of their answer.",
                &["service", "operation", "status"],
            ),
            seconds: metrics.histogram(
                "pileus_request_duration_seconds",
                "Time from the end of a request to the head of its answer.",
                &["service", "operation"],
                &DURATIONS,
            ),
            panics: panics.with_label_values::<&str>(&[]),
        }
    }

    pub(crate) fn answered(&self, surface: &Surface<'_>, status: StatusCode, began: Instant) {
        match surface.endpoint() {
            Ok(endpoint) => self.count(endpoint.service(), endpoint.operation(), status, began),
            Err(_) => {
                self.count(surface.service_name().unwrap_or(UNKNOWN), UNKNOWN, status, began);
            }
        }
    }

    pub(crate) fn answered_front(&self, service: &str, status: StatusCode, began: Instant) {
        self.count(service, PLAIN, status, began);
    }

    pub(crate) fn panicked(&self) {
        self.panics.inc();
    }

    fn count(&self, service: &str, operation: &str, status: StatusCode, began: Instant) {
        self.requests.with_label_values(&[service, operation, status.as_str()]).inc();
        let seconds = began.elapsed().as_secs_f64();
        self.seconds.with_label_values(&[service, operation]).observe(seconds);
    }
}
