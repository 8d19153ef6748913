//! What a node counts: counters, gauges and histograms in Prometheus's terms, in memory only.
//!
//! Whoever counts makes its families once with [`Metrics`], keeps the handles and adds to them:
//! some atomic additions, never a lock that waits and never a write to the store. Every label has a
//! bounded set of values: those of functions' names go through [`ByFunction`].

mod by_function;

pub use by_function::ByFunction;
pub use prometheus::{
    Counter, CounterVec, Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec,
    IntGauge, IntGaugeVec,
};
use prometheus::{
    Encoder, HistogramOpts, Opts, Registry, TextEncoder,
    core::Collector,
    proto::{Metric, MetricFamily, MetricType},
};
use serde_json::{Map, Value, json};
use std::sync::{Arc, RwLock};

/// Functions that are counted by their names; all further ones count together.
pub const FUNCTIONS: usize = 1_000;

/// The label that stands for all names beyond a bound; no function has such a name.
pub const OTHER: &str = "(other)";

/// Upper bounds, in seconds, of durations from a warm call to the longest function.
pub const DURATIONS: [f64; 20] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0, 30.0, 60.0, 300.0, 900.0,
];

/// Upper bounds, in seconds, of how long something has waited.
pub const AGES: [f64; 10] =
    [0.01, 0.1, 1.0, 10.0, 60.0, 300.0, 1_800.0, 3_600.0, 21_600.0, 86_400.0];

const VALID: &str = "names, labels and bounds of metrics are constants";

/// All families of a node. A clone is the same families.
#[derive(Clone, Default)]
pub struct Metrics {
    registry: Registry,
    by_function: Arc<RwLock<Vec<Arc<dyn by_function::Named>>>>,
}

impl Metrics {
    /// A counter for each combination of labels. Its name ends in `_total`.
    #[must_use]
    pub fn counter(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.keep(IntCounterVec::new(Opts::new(name, help), labels).expect(VALID))
    }

    /// As [`Metrics::counter`], of something that has fractions: `..._seconds_total`.
    #[must_use]
    pub fn sum(&self, name: &str, help: &str, labels: &[&str]) -> CounterVec {
        self.keep(CounterVec::new(Opts::new(name, help), labels).expect(VALID))
    }

    /// A number that goes up and down.
    #[must_use]
    pub fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.keep(GaugeVec::new(Opts::new(name, help), labels).expect(VALID))
    }

    /// How values are spread over buckets with these upper bounds: [`DURATIONS`], [`AGES`].
    #[must_use]
    pub fn histogram(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        bounds: &[f64],
    ) -> HistogramVec {
        let options = HistogramOpts::new(name, help).buckets(bounds.to_vec());
        self.keep(HistogramVec::new(options, labels).expect(VALID))
    }

    /// Everything in Prometheus's text format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        // Only a family without a value or a writer that fails can fail; a vector never does.
        if TextEncoder::new().encode(&self.registry.gather(), &mut text).is_err() {
            text.clear();
        }
        String::from_utf8(text).unwrap_or_default()
    }

    /// Everything by the names of the families: lists of labels with `value`, or with `count`,
    /// `sum` and cumulative `buckets` as pairs of an upper bound and a count.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let families = self.registry.gather();
        families.iter().map(|family| (family.name().to_owned(), samples(family))).collect()
    }

    /// Registers a family. One that is made again, as tests do that start a service twice on one
    /// platform, counts for itself and is not shown.
    fn keep<C: Collector + Clone + 'static>(&self, family: C) -> C {
        drop(self.registry.register(Box::new(family.clone())));
        family
    }
}

fn samples(family: &MetricFamily) -> Value {
    let kind = family.get_field_type();
    family.get_metric().iter().map(|metric| sample(kind, metric)).collect()
}

fn sample(kind: MetricType, metric: &Metric) -> Value {
    let labels = metric.get_label().iter();
    let labels: Map<String, Value> =
        labels.map(|label| (label.name().to_owned(), label.value().into())).collect();
    match kind {
        MetricType::HISTOGRAM => {
            let histogram = metric.get_histogram();
            let buckets = histogram.get_bucket().iter();
            let buckets: Vec<_> = buckets
                .filter(|bucket| bucket.upper_bound().is_finite())
                .map(|bucket| json!([bucket.upper_bound(), bucket.cumulative_count()]))
                .collect();
            let (count, sum) = (histogram.get_sample_count(), histogram.get_sample_sum());
            json!({"labels": labels, "count": count, "sum": sum, "buckets": buckets})
        }
        MetricType::COUNTER => json!({"labels": labels, "value": metric.get_counter().get_value()}),
        _ => json!({"labels": labels, "value": metric.get_gauge().get_value()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_as_text_and_as_json() {
        let metrics = Metrics::default();
        let calls = metrics.counter("calls_total", "Calls.", &["name"]);
        calls.with_label_values(&["a\"b"]).inc_by(3);
        let spread = metrics.histogram("spread_seconds", "Spread.", &[], &[0.1, 1.0]);
        for value in [0.05, 0.5, 5.0] {
            spread.with_label_values::<&str>(&[]).observe(value);
        }
        let text = metrics.text();
        for line in [
            "# TYPE calls_total counter",
            "calls_total{name=\"a\\\"b\"} 3",
            "spread_seconds_bucket{le=\"1\"} 2",
            "spread_seconds_bucket{le=\"+Inf\"} 3",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in {text}");
        }
        assert_eq!(
            metrics.to_json(),
            json!({
                "calls_total": [{"labels": {"name": "a\"b"}, "value": 3.0}],
                "spread_seconds": [
                    {"labels": {}, "count": 3, "sum": 5.55, "buckets": [[0.1, 1], [1.0, 2]]}
                ],
            })
        );
    }
}
