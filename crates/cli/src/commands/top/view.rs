//! What is shown of the figures.

use super::sample::{Labels, Window};
use crate::output;
use client::Client;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// Queues that are shown.
const MAX_QUEUES: usize = 10;
/// Lines that are not functions: the head, a blank one and the titles.
const HEAD_LINES: usize = 4;

/// The figures of one window.
pub(super) struct View {
    node: Value,
    since_start: bool,
    length: Duration,
    /// The busiest first.
    functions: Vec<Function>,
    queues: Vec<Queue>,
}

/// The figures of one function.
struct Function {
    name: String,
    load: f64,
    calls: f64,
    p50: Option<f64>,
    p99: Option<f64>,
    errors: f64,
    throttles: f64,
    start_failures: f64,
    concurrent: f64,
    cold_starts: f64,
    /// The mean of a start.
    start: Option<f64>,
    waiting: f64,
    oldest: f64,
    age: Option<f64>,
}

struct Queue {
    name: String,
    ready: u64,
    in_flight: u64,
    delayed: u64,
}

impl View {
    pub(super) fn new(client: &Client, window: &Window<'_>) -> Self {
        let length = window.length();
        let mut names = BTreeSet::new();
        for family in [
            "pileus_function_invocations_total",
            "pileus_async_events",
            "pileus_mapping_record_age_seconds",
        ] {
            names.extend(window.now.labels(family, "function"));
        }
        let function = |name: &str| Function::new(name, window, length.as_secs_f64());
        let mut functions: Vec<_> = names.into_iter().map(function).collect();
        functions.sort_by(|a, b| b.load.total_cmp(&a.load).then(b.calls.total_cmp(&a.calls)));
        let mut queues: Vec<_> = window.now.queues.iter().map(Queue::new).collect();
        queues.retain(|queue| queue.ready + queue.in_flight + queue.delayed > 0);
        queues.sort_by_key(|queue| std::cmp::Reverse(queue.ready + queue.in_flight));
        let node = node(client, window);
        Self { node, since_start: window.before.is_none(), length, functions, queues }
    }

    pub(super) fn as_json(&self) -> Value {
        let queues = self.queues.iter().map(|queue| {
            json!({"name": queue.name, "ready": queue.ready, "in_flight": queue.in_flight,
                "delayed": queue.delayed})
        });
        json!({
            "node": self.node,
            "since_start": self.since_start,
            "window_seconds": self.length.as_secs_f64(),
            "functions": self.functions.iter().map(Function::as_json).collect::<Vec<_>>(),
            "queues": queues.collect::<Vec<_>>(),
        })
    }

    /// The lines, as many and as long as there is room for.
    pub(super) fn lines(&self, room: Option<(usize, usize)>) -> Vec<String> {
        let (rows, columns) = room.unwrap_or((usize::MAX, usize::MAX));
        let mut lines = self.head();
        let queues: Vec<_> = self.queues.iter().take(MAX_QUEUES).map(Queue::row).collect();
        let below = if queues.is_empty() { 0 } else { queues.len() + 2 };
        let most = rows.saturating_sub(HEAD_LINES + below + 1).max(1);
        let mut functions: Vec<_> = self.functions.iter().take(most).map(Function::row).collect();
        let hidden = self.functions.len() - functions.len();
        if hidden > 0 {
            functions.push(vec![format!("and {hidden} more")]);
        }
        lines.push(String::new());
        lines.extend(output::table(&Function::TITLES, &functions));
        if !queues.is_empty() {
            lines.push(String::new());
            lines.extend(output::table(&["QUEUE", "READY", "IN FLIGHT", "DELAYED"], &queues));
        }
        lines.truncate(rows.saturating_sub(1));
        lines.iter().map(|line| console::truncate_str(line, columns, "").into_owned()).collect()
    }

    fn head(&self) -> Vec<String> {
        let number = |name: &str| self.node[name].as_f64().unwrap_or_default();
        let per_second = |name: &str| number(name) / self.length.as_secs_f64().max(0.001);
        let time = |name: &str| show_seconds(self.node[name].as_f64());
        let length = span(self.length.as_secs_f64());
        let period = if self.since_start { "since its start" } else { "in the last" };
        let endpoint = self.node["endpoint"].as_str().unwrap_or_default();
        let bad = number("server_errors") + number("panics");
        let bad = match bad > 0.0 {
            true => output::alarm(&format!(", {bad} failed ({} panics)", number("panics"))),
            false => String::new(),
        };
        vec![
            output::head(&format!("{endpoint}  {period} {length}")),
            format!(
                "instances {} busy, {} idle   requests {:.1}/s p99 {}{bad}   commits {:.1}/s p99 {}",
                number("busy"),
                number("idle"),
                per_second("requests"),
                time("request_p99_seconds"),
                per_second("commits"),
                time("commit_p99_seconds"),
            ),
        ]
    }
}

/// The figures of the whole node.
fn node(client: &Client, window: &Window<'_>) -> Value {
    let now = |family, labels: Labels<'_>| window.now.value(family, labels);
    let requests = "pileus_requests_total";
    let statuses = window.now.labels(requests, "status");
    let failed = statuses.into_iter().filter(|status| status.starts_with('5'));
    let failed = failed.map(|status| window.growth(requests, &[("status", status)]));
    let failed = failed.fold(0.0, |sum, growth| sum + growth);
    json!({
        "endpoint": client.endpoint(),
        "busy": now("pileus_instances", &[("state", "busy")]),
        "idle": now("pileus_instances", &[("state", "idle")]),
        "requests": window.growth(requests, &[]),
        "server_errors": failed,
        "panics": window.growth("pileus_panics_total", &[]),
        "request_p99_seconds":
            window.spread("pileus_request_duration_seconds", &[]).quantile(0.99),
        "commits": window.growth("pileus_store_commits_total", &[("result", "done")]),
        "commit_p99_seconds":
            window.spread("pileus_store_commit_duration_seconds", &[]).quantile(0.99),
    })
}

impl Function {
    const TITLES: [&'static str; 13] = [
        "FUNCTION",
        "LOAD",
        "CALLS",
        "P50",
        "P99",
        "ERRORS",
        "THROTTLED",
        "NOW",
        "COLD",
        "START",
        "WAITING",
        "OLDEST",
        "AGE",
    ];

    fn new(name: &str, window: &Window<'_>, seconds: f64) -> Self {
        let labels: Labels<'_> = &[("function", name)];
        let growth = |family: &str| window.growth(&format!("pileus_function_{family}"), labels);
        let durations = window.spread("pileus_function_duration_seconds", labels);
        let mut ages = window.spread("pileus_async_event_age_seconds", labels);
        ages.merge(&window.spread("pileus_mapping_record_age_seconds", labels));
        let cold_starts = growth("cold_starts_total");
        let starting = growth("cold_start_seconds_total");
        Self {
            name: name.to_owned(),
            load: durations.sum / seconds.max(0.001),
            calls: growth("invocations_total"),
            p50: durations.quantile(0.5),
            p99: durations.quantile(0.99),
            errors: growth("errors_total"),
            throttles: growth("throttles_total"),
            start_failures: growth("start_failures_total"),
            concurrent: window.now.value("pileus_function_concurrent", labels),
            cold_starts,
            start: (cold_starts > 0.0).then(|| starting / cold_starts),
            waiting: window.now.value("pileus_async_events", labels),
            oldest: window.now.value("pileus_async_oldest_event_age_seconds", labels),
            age: ages.quantile(0.99),
        }
    }

    fn row(&self) -> Vec<String> {
        let failed = self.errors + self.start_failures;
        let alarming = |count: f64| match count > 0.0 {
            true => output::alarm(&count.to_string()),
            false => count.to_string(),
        };
        vec![
            self.name.clone(),
            format!("{:.2}", self.load),
            self.calls.to_string(),
            show_seconds(self.p50),
            show_seconds(self.p99),
            alarming(failed),
            alarming(self.throttles),
            self.concurrent.to_string(),
            self.cold_starts.to_string(),
            show_seconds(self.start),
            self.waiting.to_string(),
            if self.waiting > 0.0 { span(self.oldest) } else { "-".to_owned() },
            show_seconds(self.age),
        ]
    }

    fn as_json(&self) -> Value {
        json!({
            "name": self.name,
            "load": self.load,
            "calls": self.calls,
            "p50_seconds": self.p50,
            "p99_seconds": self.p99,
            "errors": self.errors,
            "start_failures": self.start_failures,
            "throttles": self.throttles,
            "concurrent": self.concurrent,
            "cold_starts": self.cold_starts,
            "cold_start_seconds": self.start,
            "waiting_events": self.waiting,
            "oldest_event_seconds": self.oldest,
            "age_p99_seconds": self.age,
        })
    }
}

impl Queue {
    fn new(attributes: &Value) -> Self {
        let number = |name: &str| attributes[name].as_str().and_then(|text| text.parse().ok());
        let number = |name: &str| number(name).unwrap_or_default();
        Self {
            name: attributes["QueueName"].as_str().unwrap_or_default().to_owned(),
            ready: number("ApproximateNumberOfMessages"),
            in_flight: number("ApproximateNumberOfMessagesNotVisible"),
            delayed: number("ApproximateNumberOfMessagesDelayed"),
        }
    }

    fn row(&self) -> Vec<String> {
        let numbers = [self.ready, self.in_flight, self.delayed];
        std::iter::once(self.name.clone()).chain(numbers.map(|one| one.to_string())).collect()
    }
}

/// `85 µs`, `1.2 ms`, `3.4 s`.
fn show_seconds(seconds: Option<f64>) -> String {
    match seconds {
        None => "-".to_owned(),
        Some(seconds) if seconds < 0.001 => format!("{:.0} µs", seconds * 1e6),
        Some(seconds) if seconds < 0.1 => format!("{:.1} ms", seconds * 1e3),
        Some(seconds) if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        Some(seconds) if seconds < 100.0 => format!("{seconds:.1} s"),
        Some(seconds) => span(seconds),
    }
}

/// `8 s`, `3 min 20 s`, `4 h 10 min`, `2 d 3 h`.
fn span(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_with_the_unit_that_fits() {
        let shown = [0.000_085, 0.001_23, 0.25, 3.44, 200.0].map(|one| show_seconds(Some(one)));
        assert_eq!(shown, ["85 µs", "1.2 ms", "250 ms", "3.4 s", "3 min 20 s"]);
        assert_eq!([7.6, 15_000.0, 200_000.0].map(span), ["8 s", "4 h 10 min", "2 d 7 h"]);
        assert_eq!(show_seconds(None), "-");
    }
}
