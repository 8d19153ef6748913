//! What is counted of every function, for `/metrics` and `pileus top`.

use runtime::{InstanceSpec, InvokeError, Observer, Outcome, Pools, StartPhase};
use service::metrics::{
    AGES, ByFunction, Counter, CounterVec, DURATIONS, GaugeVec, Histogram, HistogramVec,
    IntCounter, IntCounterVec, Metrics,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The label of every family here.
const FUNCTION: &str = "function";

/// The families, and the handles of the functions that have been used since the start.
pub(crate) struct Meters {
    families: Arc<Families>,
    /// Only of functions that were stopped.
    recursive: IntCounterVec,
    series: Arc<ByFunction<Arc<Series>>>,
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
    /// Its name, or what stands for those that have no series of their own.
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
        let gauge = |name, help| metrics.gauge(name, help, &[FUNCTION]);
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
            ready: gauge(
                "pileus_function_provisioned_ready",
                "Instances that are kept ready and are there.",
            ),
            utilization: gauge(
                "pileus_function_provisioned_utilization",
                "The part of the instances kept ready that works now.",
            ),
            starts: metrics.histogram(
                "pileus_cold_start_seconds",
                "Time that starts of instances of all functions took, by their phase.",
                &["phase"],
                &DURATIONS,
            ),
            concurrent: gauge("pileus_function_concurrent", "Instances that work or start now."),
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
        for family in [&self.concurrent, &self.ready, &self.utilization] {
            drop(family.remove_label_values(&one));
        }
    }

    /// How many instances work or start now, and of those that are provisioned, if some are, how
    /// many work and how many there are.
    fn show(&self, function: &str, busy: usize, provisioned: Option<(usize, usize)>) {
        let one = [function];
        self.concurrent.with_label_values(&one).set(busy as f64);
        let Some((busy, ready)) = provisioned else {
            for family in [&self.ready, &self.utilization] {
                drop(family.remove_label_values(&one));
            }
            return;
        };
        self.ready.with_label_values(&one).set(ready as f64);
        self.utilization.with_label_values(&one).set(busy as f64 / ready.max(1) as f64);
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
        let families = Arc::new(Families::new(metrics));
        let (made, removed) = (families.clone(), families.clone());
        let recursive = metrics.counter(
            "pileus_function_recursive_invocations_dropped_total",
            "Invocations that were stopped because the function ran in a loop of its own.",
            &[FUNCTION],
        );
        let stopped = recursive.clone();
        let series = metrics.by_function(
            limit,
            move |function| Arc::new(made.series(function)),
            move |function| {
                removed.remove(function);
                drop(stopped.remove_label_values(&[function]));
            },
        );
        Self { families, recursive, series }
    }

    /// An asynchronous event of this age is handed over.
    pub(crate) fn event_age(&self, function: &str, age: Duration) {
        self.of(function).event_ages.observe(age.as_secs_f64());
    }

    /// So many invocations were stopped in a recursive loop.
    pub(crate) fn recursive(&self, function: &str, count: u64) {
        self.recursive.with_label_values(&[&self.of(function).label]).inc_by(count);
    }

    /// Brings what is not counted but looked at up to date.
    pub(crate) fn look(&self, pools: &Pools) {
        let status = pools.status();
        let idle = status.instances.saturating_sub(status.busy);
        for (state, count) in [("busy", status.busy), ("idle", idle)] {
            self.families.instances.with_label_values(&[state]).set(count as f64);
        }
        let mut concurrent: HashMap<String, usize> = HashMap::new();
        for (arn, busy) in pools.busy() {
            *concurrent.entry(self.label(&arn)).or_default() += busy;
        }
        let mut provisioned: HashMap<String, (usize, usize)> = HashMap::new();
        for (key, status) in pools.all_provisioned() {
            let (busy, ready) = provisioned.entry(self.label(&key.function_arn)).or_default();
            *busy += status.busy;
            *ready += status.ready;
        }
        for series in self.series.all() {
            let busy = concurrent.get(&series.label).copied().unwrap_or_default();
            let of_it = provisioned.get(&series.label).copied();
            self.families.show(&series.label, busy, of_it);
        }
    }

    /// The label under which a function counts.
    fn label(&self, arn: &str) -> String {
        self.of(arn.rsplit(':').next().unwrap_or(arn)).label.clone()
    }

    fn of(&self, function: &str) -> Arc<Series> {
        self.series.of(function)
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

    #[test]
    fn what_was_counted_of_a_function_is_forgotten_with_it() {
        let metrics = Metrics::default();
        let meters = Meters::new(&metrics, 3);
        for function in ["gone", "kept"] {
            meters.event_age(function, Duration::from_secs(1));
            meters.families.show(function, 1, Some((1, 2)));
        }
        metrics.forget_function("gone");
        let families = metrics.to_json();
        let families: Vec<_> = families.as_object().into_iter().flatten().collect();
        for (name, samples) in families {
            let samples = samples.as_array().into_iter().flatten();
            let named = samples.filter_map(|one| one["labels"]["function"].as_str());
            assert!(named.into_iter().all(|function| function == "kept"), "{name}");
        }
        assert!(metrics.text().contains("kept"));
    }
}
