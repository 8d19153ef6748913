//! What the platform itself writes into a function's log, as text or as JSON. The JSON is that of
//! the Telemetry API ("Lambda Telemetry API Event schema reference"), and so are its levels ("System
//! log level event mapping").

use crate::{Initialization, LogFormat, LogLevel, Report, lines};
use serde_json::{Value, json};
use std::time::Duration;
use types::Timestamp;

/// How a start or an invocation ended badly: a status (`timeout`, `error`) and an error type.
pub(crate) type Failed<'a> = Option<(&'static str, &'a str)>;

/// Something that the platform tells.
#[derive(Debug)]
pub(crate) enum PlatformEvent<'a> {
    /// A runtime starts.
    InitStart {
        /// What runs, and what it stands in for.
        launch: &'a crate::Launch,
        why: Initialization,
    },
    /// A runtime has started, or has failed to.
    InitReport {
        took: Duration,
        failed: Failed<'a>,
        why: Initialization,
        /// Whether it was the second time, as a part of the invocation.
        again: bool,
    },
    /// A runtime takes an event.
    Start { request_id: &'a str, version: &'a str },
    /// The platform ended the invocation: what text says of it.
    Fault { line: &'a str },
    /// The runtime has answered.
    RuntimeDone { request_id: &'a str, report: &'a Report, failed: Failed<'a> },
    /// An invocation is over.
    Report {
        request_id: &'a str,
        report: &'a Report,
        failed: Failed<'a>,
        /// Whether the function reported the failure itself, of which text says nothing here.
        reported: bool,
    },
}

impl PlatformEvent<'_> {
    /// The line, if there is one in this format.
    pub(crate) fn line(&self, format: LogFormat, now: Timestamp) -> Option<String> {
        let LogFormat::Json { system, .. } = format else { return self.text() };
        let (level, kind, record) = self.record()?;
        let line = json!({"time": now.to_iso8601(), "type": kind, "record": record});
        (level >= system).then(|| line.to_string())
    }

    fn text(&self) -> Option<String> {
        Some(match self {
            Self::InitStart { launch, .. } => lines::init_start(launch),
            Self::InitReport { took, failed, again, .. } => {
                let (status, error_type) = (*failed)?;
                lines::init_report(*took, phase(*again), status, error_type)
            }
            Self::Start { request_id, version } => lines::start(request_id, version),
            Self::Fault { line } => (*line).to_owned(),
            Self::RuntimeDone { request_id, .. } => lines::end(request_id),
            Self::Report { request_id, report, failed, reported } => {
                lines::report(request_id, report, failed.filter(|_| !reported))
            }
        })
    }

    fn record(&self) -> Option<(LogLevel, &'static str, Value)> {
        let bad = |failed: &Failed<'_>, good: LogLevel| match failed {
            Some(_) => LogLevel::Warn,
            None => good,
        };
        Some(match self {
            Self::InitStart { launch, why } => {
                let mut record = init(*why, false);
                record["runtimeVersion"] = launch.version.clone().into();
                if let Some(other) = &launch.substitution {
                    let text = format!("{} stands in for {}", other.used, other.wanted);
                    record["substitution"] = text.into();
                }
                (LogLevel::Info, "platform.initStart", record)
            }
            Self::InitReport { took, failed, why, again } => {
                let mut record = init(*why, *again);
                record["metrics"] = json!({"durationMs": millis(*took)});
                tell(&mut record, failed);
                (bad(failed, LogLevel::Debug), "platform.initReport", record)
            }
            Self::Start { request_id, version } => {
                let record = json!({"requestId": request_id, "version": version});
                (LogLevel::Info, "platform.start", record)
            }
            // The status of what follows says the same.
            Self::Fault { .. } => return None,
            Self::RuntimeDone { request_id, report, failed } => {
                let metrics = json!({"durationMs": millis(report.duration)});
                let mut record = json!({"requestId": request_id, "metrics": metrics});
                tell(&mut record, failed);
                (bad(failed, LogLevel::Debug), "platform.runtimeDone", record)
            }
            Self::Report { request_id, report, failed, .. } => {
                let mut record = json!({"requestId": request_id, "metrics": metrics(report)});
                tell(&mut record, failed);
                (bad(failed, LogLevel::Info), "platform.report", record)
            }
        })
    }
}

fn init(why: Initialization, again: bool) -> Value {
    json!({"initializationType": why.as_str(), "phase": phase(again)})
}

fn phase(again: bool) -> &'static str {
    if again { "invoke" } else { "init" }
}

fn metrics(report: &Report) -> Value {
    let mut metrics = json!({
        "durationMs": millis(report.duration),
        "billedDurationMs": u64::try_from(report.billed.as_millis()).unwrap_or(u64::MAX),
        "memorySizeMB": report.memory_mib,
    });
    if let Some(used) = report.max_memory_mib {
        metrics["maxMemoryUsedMB"] = used.into();
    }
    if let Some(init) = report.init {
        metrics["initDurationMs"] = millis(init).into();
    }
    metrics
}

fn tell(record: &mut Value, failed: &Failed<'_>) {
    record["status"] = failed.map_or("success", |(status, _)| status).into();
    if let Some((_, error_type)) = failed {
        record["errorType"] = (*error_type).into();
    }
}

/// Milliseconds to the microsecond.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: LogFormat = LogFormat::Json { application: LogLevel::Info, system: LogLevel::Info };

    fn told(event: &PlatformEvent<'_>, system: LogLevel) -> Option<Value> {
        let format = LogFormat::Json { application: LogLevel::Info, system };
        let line = event.line(format, Timestamp::from_millis(1_700_000_000_123))?;
        Some(serde_json::from_str(&line).unwrap())
    }

    #[test]
    fn a_report_is_told_in_the_schema_of_telemetry() {
        let report = Report {
            duration: Duration::from_micros(1_234),
            billed: Duration::from_millis(52),
            init: Some(Duration::from_millis(50)),
            memory_mib: 128,
            max_memory_mib: Some(33),
        };
        let (request_id, failed) = ("r-1", None);
        let event = PlatformEvent::Report { request_id, report: &report, failed, reported: false };
        assert_eq!(
            told(&event, LogLevel::Info),
            Some(json!({
                "time": "2023-11-14T22:13:20.123Z",
                "type": "platform.report",
                "record": {
                    "requestId": "r-1",
                    "metrics": {
                        "durationMs": 1.234, "billedDurationMs": 52, "memorySizeMB": 128,
                        "maxMemoryUsedMB": 33, "initDurationMs": 50.0,
                    },
                    "status": "success",
                },
            }))
        );
        assert_eq!(told(&event, LogLevel::Warn), None);
        let failed = Some(("timeout", "Sandbox.Timedout"));
        let event = PlatformEvent::Report { request_id, report: &report, failed, reported: false };
        let record = told(&event, LogLevel::Warn).unwrap()["record"].take();
        assert_eq!(record["status"], "timeout");
        assert_eq!(record["errorType"], "Sandbox.Timedout");
    }

    #[test]
    fn what_goes_well_below_the_level_is_left_out_and_what_fails_is_not() {
        let (report, took) = (Report::default(), Duration::ZERO);
        let done = |failed| PlatformEvent::RuntimeDone { request_id: "r", report: &report, failed };
        assert_eq!(done(None).line(INFO, Timestamp::default()), None);
        assert!(told(&done(None), LogLevel::Debug).is_some());
        let failed = Some(("error", "ValueError"));
        assert!(told(&done(failed), LogLevel::Warn).is_some());
        let start = |failed| {
            let why = Initialization::Provisioned;
            PlatformEvent::InitReport { took, failed, why, again: false }
        };
        assert!(told(&start(None), LogLevel::Info).is_none());
        let record = told(&start(failed), LogLevel::Warn).unwrap()["record"].take();
        assert_eq!(record["initializationType"], "provisioned-concurrency");
        assert!(told(&PlatformEvent::Fault { line: "x" }, LogLevel::Debug).is_none());
    }
}
