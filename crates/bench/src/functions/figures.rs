//! What several runs come to.

use anyhow::Result;
use client::{Client, Rest};
use serde_json::Value;
use std::time::Duration;

/// The middle one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a number to print or to divide by")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

/// What a node has counted until now, as it tells it.
pub(super) struct Counted(Value);

impl Counted {
    /// Asks the node.
    pub(super) async fn read(client: &Client) -> Result<Self> {
        let call = Rest { path: "/_pileus/metrics", ..Rest::default() };
        let body = client.rest("lambda", call).await?.body;
        Ok(Self(serde_json::from_slice(&body)?))
    }

    fn series(&self, family: &str, labels: &[(&str, &str)]) -> Vec<&Value> {
        let all = self.0[family].as_array().into_iter().flatten();
        let is_one = |one: &&Value| labels.iter().all(|(name, is)| one["labels"][*name] == *is);
        all.filter(is_one).collect()
    }

    /// The sum of all values with these labels; 0 if there is none.
    pub(super) fn value(&self, family: &str, labels: &[(&str, &str)]) -> f64 {
        let series = self.series(family, labels);
        series.iter().filter_map(|one| one["value"].as_f64()).fold(0.0, |sum, value| sum + value)
    }

    /// Of a spread of values: how many there were, how many of them above a bound that is one of its
    /// buckets', and their sum.
    pub(super) fn above(&self, family: &str, labels: &[(&str, &str)], bound: f64) -> [f64; 3] {
        let mut all = [0.0; 3];
        for one in self.series(family, labels) {
            let number = |name: &str| one[name].as_f64().unwrap_or_default();
            let buckets = one["buckets"].as_array().into_iter().flatten();
            let at = |pair: &Value| pair[0].as_f64().is_some_and(|at| (at - bound).abs() < 1e-9);
            let below = buckets.clone().find(|pair| at(pair)).and_then(|pair| pair[1].as_f64());
            let count = number("count");
            for (sum, part) in
                all.iter_mut().zip([count, count - below.unwrap_or(count), number("sum")])
            {
                *sum += part;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_median_is_the_middle_one_and_nothing_has_none() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn values_are_found_by_their_labels() {
        let counted = Counted(json!({
            "a": [
                {"labels": {"f": "x"}, "value": 1.0},
                {"labels": {"f": "y"}, "value": 2.0},
            ],
            "b": [{"labels": {"phase": "queue"}, "count": 5.0, "sum": 0.5,
                "buckets": [[0.001, 2.0], [0.01, 4.0]]}],
        }));
        assert!((counted.value("a", &[("f", "y")]) - 2.0).abs() < 1e-9);
        assert!((counted.value("a", &[]) - 3.0).abs() < 1e-9);
        assert!(counted.value("c", &[]).abs() < 1e-9);
        let [count, above, sum] = counted.above("b", &[("phase", "queue")], 0.01);
        assert!((count - 5.0).abs() < 1e-9 && (above - 1.0).abs() < 1e-9);
        assert!((sum - 0.5).abs() < 1e-9);
    }
}
