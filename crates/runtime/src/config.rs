//! Every limit of an execution environment.

use std::time::Duration;

/// The longest response, and the longest error body, in bytes: 6 MiB and 100 bytes, as on Lambda.
pub const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024 + 100;

/// The longest response that is streamed, in bytes: 200 MB, as on Lambda ("Response streaming for
/// Lambda functions", the default of the soft limit).
pub const MAX_STREAM_BYTES: usize = 200 * 1024 * 1024;

/// Pieces of a streamed response that wait for its reader; then the function waits. A piece is what
/// one read of a connection gives, about a MiB at most.
pub(crate) const STREAM_PIECES: usize = 4;

/// How long the end of a process may take to be noticed after its connection broke off in a
/// response; then the response itself is what broke off.
pub(crate) const BREAK_OFF_GRACE: Duration = Duration::from_secs(2);

/// The longest head of a request to the Runtime API, in bytes. Clients send the stack trace of an
/// error in a header of up to 1 MiB.
pub(crate) const MAX_HEAD_BYTES: usize = 1024 * 1024 + 64 * 1024;

/// Connections that one instance may have to its Runtime API; more wait to be accepted.
pub(crate) const MAX_API_CONNECTIONS: usize = 64;

/// How long a function's code may take until it asks for its first event.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a kill may take before the invocation is answered without waiting for its end.
pub(crate) const KILL_TIMEOUT: Duration = Duration::from_secs(5);

/// Extensions of one instance, as on Lambda.
pub(crate) const MAX_EXTENSIONS: usize = 10;

/// How long an instance may take to end when an extension of it wants to know of its end.
pub(crate) const MAX_SHUTDOWN: Duration = Duration::from_secs(2);

/// The longest log line, in bytes. A longer one becomes several.
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// How much of an invocation's log comes back with its result, in bytes.
pub const LOG_TAIL_BYTES: usize = 4 * 1024;

/// How much output is read in one go before other tasks get their turn, in bytes. No less than
/// the largest pipe, because what lies in the pipe at a response belongs to that response.
pub(crate) const MAX_DRAIN_BYTES: usize = 1024 * 1024;

/// Processes and threads of one instance, as on Lambda.
pub(crate) const MAX_PROCESSES: u32 = 1024;

/// Open files of one process, as on Lambda.
pub(crate) const MAX_OPEN_FILES: u32 = 1024;

/// The bounds of all pools together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolsConfig {
    /// Instances at once, busy and idle. Default: 1,000, Lambda's default concurrency.
    pub max_instances: usize,
    /// Instances that start at once; further ones wait, and functions take turns, so that many cold
    /// starts do not slow one another down until none is ready in time. Default: 4 for each
    /// processor.
    pub concurrent_starts: usize,
    /// How long an idle instance is kept. Default: 10 minutes.
    pub idle_timeout: Duration,
    /// How old an instance may become; then it is replaced between two invocations, and with it
    /// its temporary credentials. Default: 2 hours.
    pub max_age: Duration,
}

impl Default for PoolsConfig {
    fn default() -> Self {
        Self {
            max_instances: 1000,
            concurrent_starts: 4 * std::thread::available_parallelism().map_or(1, usize::from),
            idle_timeout: Duration::from_secs(600),
            max_age: Duration::from_secs(2 * 3600),
        }
    }
}
