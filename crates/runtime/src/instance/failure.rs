use crate::{lines, sandbox::Exit};
use bytes::Bytes;
use std::time::Duration;
use types::Timestamp;

/// A failure that the platform reports in the function's place, in Lambda's words. Each names the
/// request that met it.
pub(crate) struct Failure {
    pub(crate) error_type: String,
    pub(crate) message: String,
    /// The status that `REPORT` shows.
    pub(crate) status: &'static str,
    /// What the log shows before `END`.
    pub(crate) line: String,
}

impl Failure {
    /// The invocation took longer than the function's timeout.
    pub(crate) fn timed_out(id: &str, now: Timestamp, timeout: Duration) -> Self {
        Self {
            error_type: "Sandbox.Timedout".into(),
            message: format!("RequestId: {id} Error: {}", lines::task_timed_out(timeout)),
            status: "timeout",
            line: lines::timed_out(now, id, timeout),
        }
    }

    /// The runtime's process ended in the middle of its work.
    pub(crate) fn exited(id: &str, exit: Exit) -> Self {
        let error_type =
            if exit.out_of_memory { "Runtime.OutOfMemory" } else { "Runtime.ExitError" };
        Self::error(id, error_type, &lines::exited(exit))
    }

    /// A program beside the runtime failed.
    pub(crate) fn extension_crashed(id: &str) -> Self {
        Self::error(id, "Extension.Crash", "an extension exited with an error")
    }

    /// The runtime did not ask for its first event in time.
    pub(crate) fn start_timed_out(id: &str, timeout: Duration) -> Self {
        let message = lines::task_timed_out(timeout);
        Self {
            error_type: "Sandbox.Timedout".into(),
            message: format!("RequestId: {id} Error: {message}"),
            status: "timeout",
            line: format!("RequestId: {id} Error: Init: {message}"),
        }
    }

    /// The code has no program to start.
    pub(crate) fn invalid_entrypoint(id: &str, reason: &str) -> Self {
        Self::error(id, "Runtime.InvalidEntrypoint", reason)
    }

    fn error(id: &str, error_type: &str, reason: &str) -> Self {
        let message = format!("RequestId: {id} Error: {reason}");
        Self {
            error_type: error_type.into(),
            line: format!("{message}\n{error_type}"),
            message,
            status: "error",
        }
    }

    /// The payload of the invocation.
    pub(crate) fn payload(&self) -> Bytes {
        let body = serde_json::json!({
            "errorType": self.error_type,
            "errorMessage": self.message,
        });
        body.to_string().into()
    }
}
