//! One invocation: what goes in, what comes out, and why there may be nothing.

use crate::{LaunchError, ResponseSink, sandbox::SandboxError};
use bytes::Bytes;
use std::time::Duration;

/// What a function is called with.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id that the function's context and its log show.
    pub request_id: String,
    /// The event: one JSON document.
    pub payload: Bytes,
    /// The ARN that was called, with its qualifier if it had one.
    pub invoked_arn: String,
    /// `X-Amzn-Trace-Id`, if tracing has one.
    pub trace_id: Option<String>,
    /// The client context as JSON (not base64).
    pub client_context: Option<String>,
    /// The Cognito identity as JSON.
    pub cognito_identity: Option<String>,
    /// Whether the end of the log is wanted in [`Outcome::log_tail`].
    pub tail: bool,
    /// Which part of the instances it may use.
    pub share: Share,
    /// Where a response goes that the function streams. Set by [`crate::Pools::stream`]; without
    /// one it is collected.
    pub sink: Option<ResponseSink>,
}

/// A part of [`crate::PoolsConfig::max_instances`]. What functions have for themselves is kept free
/// for them, as far as those that share the rest are given the rest as their limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// The function has so many for itself, all its versions together, and no more.
    Own(u32),
    /// It shares so many with all others that have none for themselves. It may have them all, until
    /// another is refused: then what becomes free is left to those that have less than an equal
    /// part.
    Common(usize),
}

/// What came of an invocation that reached a runtime: a result, or the function's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The function's result, or the JSON that describes its failure.
    pub payload: Bytes,
    /// The media type that the runtime gave to its result.
    pub content_type: Option<String>,
    /// Set when the function failed.
    pub error: Option<FunctionError>,
    /// What it cost.
    pub report: Report,
    /// The last 4 KiB of the log of this invocation, when it was asked for.
    pub log_tail: Option<String>,
    /// The log stream that its output went to.
    pub log_stream: String,
}

/// A failure that the caller sees as `X-Amz-Function-Error: Unhandled`, which is Lambda's value
/// for every failure today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// The error's type: `ValueError`, `Sandbox.Timedout`, `Runtime.ExitError`.
    pub error_type: String,
    /// Whether the function reported it itself. Otherwise the platform ended the invocation.
    pub reported: bool,
}

/// What an invocation cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// From the hand-over of the event to the end of the response.
    pub duration: Duration,
    /// The same and the start of the instance, rounded up to a millisecond.
    pub billed: Duration,
    /// The start of the instance, if this invocation waited for one.
    pub init: Option<Duration>,
    /// The memory setting, in MiB.
    pub memory_mib: u32,
    /// The most memory that the instance used so far, in MiB, where the host counts it.
    pub max_memory_mib: Option<u64>,
}

/// Why an invocation did not reach a runtime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// As many invocations as the caller allows are running already.
    #[error("{limit} invocations of this function run already, which is its limit")]
    Throttled {
        /// The limit that was given.
        limit: u32,
    },
    /// The platform runs as many instances as it may, and all are busy.
    #[error(
        "all {limit} instances that functions share on this node are busy, or kept free for functions \
         that run less (functions.max_instances)"
    )]
    Capacity {
        /// What is left of [`crate::PoolsConfig::max_instances`] beside those that some functions
        /// have for themselves.
        limit: usize,
    },
    /// There is no program to start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// There is no sandbox to start it in.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The role cannot be assumed.
    #[error("the function's role cannot be assumed: {0}")]
    Credentials(String),
    /// A text that travels in a header holds a control character.
    #[error("{0} holds a character that a header cannot carry")]
    Header(&'static str),
    /// The platform is ending.
    #[error("the platform is shutting down")]
    ShuttingDown,
    /// The invocation panicked: a defect of the platform.
    #[error("the invocation ended with an internal error")]
    Internal,
}
