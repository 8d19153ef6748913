//! The platform's own lines in a function's log, in Lambda's words.

use crate::{Launch, Report, sandbox::Exit, sandbox::ExitCause};
use std::{fmt::Write as _, time::Duration};
use time::macros::format_description;
use types::Timestamp;

/// A new log stream's name: the date, the version, and 32 hexadecimal digits.
pub(crate) fn stream_name(now: Timestamp, version: &str, random: [u8; 16]) -> String {
    let date = date_time(now)
        .format(format_description!("[year]/[month]/[day]"))
        .unwrap_or_else(|_| "1970/01/01".into());
    format!("{date}/[{version}]{:032x}", u128::from_be_bytes(random))
}

pub(crate) fn init_start(launch: &Launch) -> String {
    let mut line = format!("INIT_START Runtime Version: {}", launch.version);
    if let Some(substitution) = &launch.substitution {
        let _ = write!(line, "\t{} stands in for {}", substitution.used, substitution.wanted);
    }
    line
}

pub(crate) fn init_report(init: Duration, phase: &str, status: &str, error_type: &str) -> String {
    format!(
        "INIT_REPORT Init Duration: {:.2} ms\tPhase: {phase}\tStatus: {status}\tError Type: {error_type}",
        millis(init)
    )
}

pub(crate) fn start(request_id: &str, version: &str) -> String {
    format!("START RequestId: {request_id} Version: {version}")
}

pub(crate) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

pub(crate) fn report(request_id: &str, report: &Report, status: Option<(&str, &str)>) -> String {
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t",
        millis(report.duration),
        report.billed.as_millis(),
        report.memory_mib,
    );
    if let Some(used) = report.max_memory_mib {
        let _ = write!(line, "Max Memory Used: {used} MB\t");
    }
    if let Some(init) = report.init {
        let _ = write!(line, "Init Duration: {:.2} ms\t", millis(init));
    }
    if let Some((status, error_type)) = status {
        let _ = write!(line, "Status: {status}\t");
        if !error_type.is_empty() {
            let _ = write!(line, "Error Type: {error_type}\t");
        }
    }
    line
}

pub(crate) fn timed_out(now: Timestamp, request_id: &str, timeout: Duration) -> String {
    let at = date_time(now)
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        ))
        .unwrap_or_default();
    format!("{at} {request_id} {}", task_timed_out(timeout))
}

pub(crate) fn task_timed_out(timeout: Duration) -> String {
    format!("Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// Why the runtime's process ended, in the words of `Runtime.ExitError`.
pub(crate) fn exited(exit: Exit) -> String {
    match exit.cause {
        ExitCause::Code(0) => "Runtime exited without providing a reason".into(),
        ExitCause::Code(code) => format!("Runtime exited with error: exit status {code}"),
        ExitCause::Signal(signal) => {
            format!("Runtime exited with error: signal: {}", signal_name(signal))
        }
    }
}

fn signal_name(signal: i32) -> String {
    match signal {
        4 => "illegal instruction".into(),
        6 => "aborted".into(),
        7 => "bus error".into(),
        8 => "floating point exception".into(),
        9 => "killed".into(),
        11 => "segmentation fault".into(),
        15 => "terminated".into(),
        31 => "bad system call".into(),
        other => other.to_string(),
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn date_time(at: Timestamp) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.as_millis()) * 1_000_000)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_by_date_version_and_random_digits() {
        let name = stream_name(Timestamp::from_secs(1_700_000_000), "$LATEST", [0xab; 16]);
        assert_eq!(name, "2023/11/14/[$LATEST]abababababababababababababababab");
    }

    #[test]
    fn a_report_of_a_cold_start_names_every_figure() {
        let cost = Report {
            duration: Duration::from_micros(1_234),
            billed: Duration::from_millis(52),
            init: Some(Duration::from_millis(50)),
            memory_mib: 128,
            max_memory_mib: Some(33),
        };
        assert_eq!(
            report("r-1", &cost, None),
            "REPORT RequestId: r-1\tDuration: 1.23 ms\tBilled Duration: 52 ms\tMemory Size: 128 MB\tMax Memory Used: 33 MB\tInit Duration: 50.00 ms\t"
        );
    }
}
