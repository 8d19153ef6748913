//! What is counted of every function, for `/metrics` and `pileus top`.

use runtime::{InstanceSpec, InvokeError, Observer, Outcome, Pools, StartPhase};
use service::metrics::{
    AGES, Counter, CounterVec, DURATIONS, GaugeVec, Histogram, HistogramVec, IntCounter,
    IntCounterVec, Metrics, OTHER,
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// The label of every family here.
const FUNCTION: &str = "function";

/// The families, and the handles of the functions that have been used since the start.
pub(crate) struct Meters {
    families: Families,
    /// At most `limit`, and [`OTHER`].
    known: RwLock<HashMap<String, Arc<Series>>>,
    limit: usize,
}

struct Families {
    invocations: IntCounterVec,
    errors: IntCounterVec,
    throttles: IntCounterVec,
    failures: IntCounterVec,
    durations: HistogramVec,
    cold_starts: IntCounterVec,
    start_seconds: CounterVec,
    event_ages: HistogramVec,
    provisioned: IntCounterVec,
    spillovers: IntCounterVec,
    ready: GaugeVec,
    utilization: GaugeVec,
    /// Over all functions: with a histogram for each, they would be more than all else.
    starts: HistogramVec,
    concurrent: GaugeVec,
    instances: GaugeVec,
}

/// One function's.
struct Series {
    label: String,
    invocations: IntCounter,
    errors: IntCounter,
    throttles: IntCounter,
    failures: IntCounter,
    durations: Histogram,
    cold_starts: IntCounter,
    /// By [`StartPhase`].
    start_seconds: [Counter; 3],
    event_ages: Histogram,
}

impl Families {
    fn new(metrics: &Metrics) -> Self {
        let counter = |name, help| metrics.counter(name, help, &[FUNCTION]);
        let spread =
            |name, help, bounds: &[f64]| metrics.histogram(name, help, &[FUNCTION], bounds);
        Self {
            invocations: counter(
                "pileus_function_invocations_total",
                "Invocations that reached the function, well or not.",
            ),
            errors: counter(
                "pileus_function_errors_total",
                "Invocations that failed in the function: errors, timeouts, crashes.",
            ),
            throttles: counter(
                "pileus_function_throttles_total",
                "Invocations that were refused because no concurrency was free.",
            ),
            failures: counter(
                "pileus_function_start_failures_total",
                "Invocations that found no instance because the platform could not start one.",
            ),
            durations: spread(
                "pileus_function_duration_seconds",
                "Time from the hand-over of an event to the end of the answer, starts excluded.",
                &DURATIONS,
            ),
            cold_starts: counter("pileus_function_cold_starts_total", "Started instances."),
            start_seconds: metrics.sum(
                "pileus_function_cold_start_seconds_total",
                "Time that starts of instances took, by their phase.",
                &[FUNCTION, "phase"],
            ),
            event_ages: spread(
                "pileus_async_event_age_seconds",
                "Age of asynchronous events when they are handed to the function.",
                &AGES,
            ),
            provisioned: counter(
                "pileus_function_provisioned_invocations_total",
                "Invocations that ran on instances which are kept ready.",
            ),
            spillovers: counter(
                "pileus_function_provisioned_spillover_total",
                "Invocations of versions with provisioned concurrency that ran on other instances.",
            ),
            ready: metrics.gauge(
                "pileus_function_provisioned_ready",
                "Instances that are kept ready and are there.",
                &[FUNCTION],
            ),
            utilization: metrics.gauge(
                "pileus_function_provisioned_utilization",
                "The part of the instances kept ready that works now.",
                &[FUNCTION],
            ),
            starts: metrics.histogram(
                "pileus_cold_start_seconds",
                "Time that starts of instances of all functions took, by their phase.",
                &["phase"],
                &DURATIONS,
            ),
            concurrent: metrics.gauge(
                "pileus_function_concurrent",
                "Instances that work or start now.",
                &[FUNCTION],
            ),
            instances: metrics.gauge(
                "pileus_instances",
                "Instances on this node, by what they do now.",
                &["state"],
            ),
        }
    }

    fn series(&self, function: &str) -> Series {
        let one = [function];
        let phase = |phase| self.start_seconds.with_label_values(&[function, phase_name(phase)]);
        Series {
            label: function.to_owned(),
            invocations: self.invocations.with_label_values(&one),
            errors: self.errors.with_label_values(&one),
            throttles: self.throttles.with_label_values(&one),
            failures: self.failures.with_label_values(&one),
            durations: self.durations.with_label_values(&one),
            cold_starts: self.cold_starts.with_label_values(&one),
            start_seconds: [StartPhase::Queue, StartPhase::Sandbox, StartPhase::Init].map(phase),
            event_ages: self.event_ages.with_label_values(&one),
        }
    }

    fn remove(&self, function: &str) {
        let one = [function];
        for family in [
            &self.invocations,
            &self.errors,
            &self.throttles,
            &self.failures,
            &self.cold_starts,
            &self.provisioned,
            &self.spillovers,
        ] {
            // A function that nobody has used has no series.
            drop(family.remove_label_values(&one));
        }
        for family in [&self.durations, &self.event_ages] {
            drop(family.remove_label_values(&one));
        }
        for phase in [StartPhase::Queue, StartPhase::Sandbox, StartPhase::Init] {
            drop(self.start_seconds.remove_label_values(&[function, phase_name(phase)]));
        }
    }
}

fn phase_name(phase: StartPhase) -> &'static str {
    match phase {
        StartPhase::Queue => "queue",
        StartPhase::Sandbox => "sandbox",
        StartPhase::Init => "init",
    }
}

impl Meters {
    /// So many functions are counted by their names, all further ones together.
    pub(crate) fn new(metrics: &Metrics, limit: usize) -> Self {
        Self { families: Families::new(metrics), known: RwLock::default(), limit }
    }

    /// An asynchronous event of this age is handed over.
    pub(crate) fn event_age(&self, function: &str, age: Duration) {
        self.of(function).event_ages.observe(age.as_secs_f64());
    }

    /// Forgets a function that is deleted, which makes room for another.
    pub(crate) fn forget(&self, function: &str) {
        let removed = self.known.write().unwrap_or_else(PoisonError::into_inner).remove(function);
        if removed.is_some() {
            self.families.remove(function);
        }
    }

    /// Brings what is not counted but looked at up to date.
    pub(crate) fn look(&self, pools: &Pools) {
        let status = pools.status();
        let idle = status.instances.saturating_sub(status.busy);
        for (state, count) in [("busy", status.busy), ("idle", idle)] {
            self.families.instances.with_label_values(&[state]).set(count as f64);
        }
        let concurrent = &self.families.concurrent;
        concurrent.reset();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        for name in known.keys() {
            concurrent.with_label_values(&[name]).set(0.0);
        }
        let label = |arn: &str| {
            let name = arn.rsplit(':').next().unwrap_or(arn);
            if known.contains_key(name) { name.to_owned() } else { OTHER.to_owned() }
        };
        for (arn, busy) in pools.busy() {
            concurrent.with_label_values(&[&label(&arn)]).add(busy as f64);
        }
        self.families.ready.reset();
        self.families.utilization.reset();
        let mut all: HashMap<String, (usize, usize)> = HashMap::new();
        for (key, status) in pools.all_provisioned() {
            let (busy, ready) = all.entry(label(&key.function_arn)).or_default();
            *busy += status.busy;
            *ready += status.ready;
        }
        for (label, (busy, ready)) in all {
            let part = busy as f64 / ready.max(1) as f64;
            self.families.ready.with_label_values(&[&label]).set(ready as f64);
            self.families.utilization.with_label_values(&[&label]).set(part);
        }
    }

    fn of(&self, function: &str) -> Arc<Series> {
        if let Some(series) =
            self.known.read().unwrap_or_else(PoisonError::into_inner).get(function)
        {
            return series.clone();
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = !known.contains_key(function);
        let label = if known.len() >= self.limit && is_new { OTHER } else { function };
        let new = || Arc::new(self.families.series(label));
        known.entry(label.to_owned()).or_insert_with(new).clone()
    }
}

impl Observer for Meters {
    fn invoked(&self, spec: &InstanceSpec, result: &Result<Outcome, InvokeError>) {
        let series = self.of(&spec.function_name);
        match result {
            Ok(outcome) => {
                series.invocations.inc();
                series.durations.observe(outcome.report.duration.as_secs_f64());
                if outcome.error.is_some() {
                    series.errors.inc();
                }
            }
            Err(InvokeError::Throttled { .. } | InvokeError::Capacity { .. }) => {
                series.throttles.inc();
            }
            Err(_) => series.failures.inc(),
        }
    }

    fn provisioned(&self, spec: &InstanceSpec, found: bool) {
        let families = &self.families;
        let family = if found { &families.provisioned } else { &families.spillovers };
        family.with_label_values(&[&self.of(&spec.function_name).label]).inc();
    }

    fn started(&self, spec: &InstanceSpec, phase: StartPhase, took: Duration) {
        let (series, seconds) = (self.of(&spec.function_name), took.as_secs_f64());
        if phase == StartPhase::Init {
            series.cold_starts.inc();
        }
        series.start_seconds[phase as usize].inc_by(seconds);
        self.families.starts.with_label_values(&[phase_name(phase)]).observe(seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn functions_beyond_the_bound_count_together_and_a_deleted_one_makes_room() {
        let metrics = Metrics::default();
        let meters = Meters::new(&metrics, 3);
        for number in 0..5 {
            meters.event_age(&format!("f{number}"), Duration::from_secs(1));
        }
        let samples = || metrics.to_json()["pileus_async_event_age_seconds"].take();
        let count = |samples: &Value, name: &str| {
            let samples = samples.as_array().into_iter().flatten();
            let found = samples.filter(|one| one["labels"]["function"] == name);
            found.map(|one| one["count"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(samples().as_array().map(Vec::len), Some(4));
        assert_eq!(count(&samples(), OTHER), [json!(2)]);
        for gone in ["f0", "f1", "f2"] {
            meters.forget(gone);
        }
        meters.event_age("new", Duration::from_secs(1));
        assert_eq!(count(&samples(), "new"), [json!(1)]);
        assert_eq!(count(&samples(), "f0"), Vec::<Value>::new());
    }
}
