//! Figures at one time, and what happened between two.

use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};
use types::Timestamp;

/// What a node has counted until now.
pub(super) struct Sample {
    pub(super) at: Timestamp,
    /// By the names of the metrics, as the node tells them.
    pub(super) families: Value,
    /// The attributes of queues.
    pub(super) queues: Vec<Value>,
}

/// What happened from one sample, or from the start of the node, to another.
pub(super) struct Window<'a> {
    pub(super) before: Option<&'a Sample>,
    pub(super) now: &'a Sample,
}

/// Labels that a sample must have.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// How values were spread.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Spread {
    pub(super) count: f64,
    pub(super) sum: f64,
    /// Upper bounds, and how many values were below.
    buckets: Vec<(f64, f64)>,
}

impl Sample {
    fn matching(&self, family: &str, labels: Labels<'_>) -> impl Iterator<Item = &Value> {
        let samples = self.families[family].as_array().into_iter().flatten();
        samples.filter(move |one| labels.iter().all(|(name, value)| one["labels"][*name] == *value))
    }

    /// The sum of all values with these labels.
    pub(super) fn value(&self, family: &str, labels: Labels<'_>) -> f64 {
        let values = self.matching(family, labels).filter_map(|one| one["value"].as_f64());
        // The sum of nothing would be -0.
        values.fold(0.0, |sum, value| sum + value)
    }

    /// All values of a label.
    pub(super) fn labels(&self, family: &str, label: &str) -> BTreeSet<&str> {
        self.matching(family, &[]).filter_map(|one| one["labels"][label].as_str()).collect()
    }

    fn spread(&self, family: &str, labels: Labels<'_>) -> Spread {
        let mut all = Spread::default();
        for one in self.matching(family, labels) {
            let number = |value: &Value| value.as_f64().unwrap_or_default();
            let buckets = one["buckets"].as_array().into_iter().flatten();
            let buckets = buckets.map(|pair| (number(&pair[0]), number(&pair[1]))).collect();
            all.merge(&Spread { count: number(&one["count"]), sum: number(&one["sum"]), buckets });
        }
        all
    }
}

impl Window<'_> {
    /// How much a counter has grown. One that is smaller than before was set back with its node.
    pub(super) fn growth(&self, family: &str, labels: Labels<'_>) -> f64 {
        let now = self.now.value(family, labels);
        let before = self.before.map_or(0.0, |before| before.value(family, labels));
        if now < before { now } else { now - before }
    }

    /// How the values that came in were spread.
    pub(super) fn spread(&self, family: &str, labels: Labels<'_>) -> Spread {
        let now = self.now.spread(family, labels);
        match self.before.map(|before| before.spread(family, labels)) {
            Some(before) if before.count <= now.count => now.without(&before),
            _ => now,
        }
    }

    /// How long it is.
    pub(super) fn length(&self) -> Duration {
        let started = self.now.value("process_start_time_seconds", &[]);
        let since_start = || self.now.at.since(Timestamp::from_millis((started * 1000.0) as u64));
        self.before.map_or_else(since_start, |before| self.now.at.since(before.at))
    }
}

impl Spread {
    /// Adds another one, which has the same bounds or none.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        if self.buckets.is_empty() {
            self.buckets.clone_from(&other.buckets);
            return;
        }
        for ((_, count), (_, more)) in self.buckets.iter_mut().zip(&other.buckets) {
            *count += more;
        }
    }

    fn without(mut self, before: &Self) -> Self {
        self.count -= before.count;
        self.sum -= before.sum;
        for ((_, count), (_, less)) in self.buckets.iter_mut().zip(&before.buckets) {
            *count -= less;
        }
        self
    }

    /// The value below which this part of all values is, as far as buckets tell: between their
    /// bounds values are taken to be spread evenly, as Prometheus has it.
    pub(super) fn quantile(&self, part: f64) -> Option<f64> {
        if self.count <= 0.0 {
            return None;
        }
        let rank = part * self.count;
        let (mut from, mut below) = (0.0, 0.0);
        for (bound, count) in &self.buckets {
            if *count >= rank {
                let inside = (count - below).max(f64::MIN_POSITIVE);
                return Some(from + (bound - from) * ((rank - below) / inside).clamp(0.0, 1.0));
            }
            (from, below) = (*bound, *count);
        }
        Some(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample(at: u64, calls: u64, buckets: [u64; 2]) -> Sample {
        let families = json!({
            "calls": [
                {"labels": {"f": "a"}, "value": calls}, {"labels": {"f": "b"}, "value": 100},
            ],
            "seconds": [{"labels": {"f": "a"}, "count": buckets[1], "sum": 1.0,
                "buckets": [[0.1, buckets[0]], [1.0, buckets[1]]]}],
        });
        Sample { at: Timestamp::from_secs(at), families, queues: Vec::new() }
    }

    #[test]
    fn a_window_shows_what_has_grown_in_it() {
        let (old, new) = (sample(10, 5, [1, 2]), sample(20, 8, [5, 10]));
        let window = Window { before: Some(&old), now: &new };
        assert_eq!(window.length(), Duration::from_secs(10));
        assert!((window.growth("calls", &[("f", "a")]) - 3.0).abs() < 1e-9);
        assert!((window.growth("calls", &[]) - 3.0).abs() < 1e-9);
        let spread = window.spread("seconds", &[("f", "a")]);
        assert_eq!((spread.count, &spread.buckets[..]), (8.0, &[(0.1, 4.0), (1.0, 8.0)][..]));
        assert_eq!(spread.quantile(0.5), Some(0.1));
        assert!((spread.quantile(0.75).unwrap() - 0.55).abs() < 1e-9);
        assert_eq!(new.labels("calls", "f").into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_node_that_was_started_again_counts_from_nothing() {
        let (old, new) = (sample(10, 500, [50, 60]), sample(20, 8, [5, 10]));
        let window = Window { before: Some(&old), now: &new };
        assert!((window.growth("calls", &[("f", "a")]) - 8.0).abs() < 1e-9);
        assert!((window.spread("seconds", &[]).count - 10.0).abs() < 1e-9);
        assert_eq!(Spread::default().quantile(0.5), None);
    }
}
