use crate::Fault;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use types::Arn;

/// What an invocation with a batch came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchOutcome {
    /// The function answered; the answer may name the records that failed.
    Success {
        /// The function's answer as it gave it.
        response: Bytes,
    },
    /// The function failed: an error, a timeout, a crash.
    FunctionError {
        /// What it said, for the log.
        message: String,
    },
    /// No concurrency was free.
    Throttled,
    /// The function did not run: these records, by their place in the batch, come from invocations
    /// of its own, one after another for too long.
    Recursive {
        /// The places, from 0, in ascending order; at least one.
        records: Vec<usize>,
    },
}

/// How the router runs functions for event source mappings: the port that `functions` provides.
pub trait Invoker: Send + Sync + 'static {
    /// The execution role of a function, as which its mappings read.
    ///
    /// # Errors
    /// `ResourceNotFoundException` if the function or the qualifier is gone.
    fn role<'a>(&'a self, function: &'a Arn) -> BoxFuture<'a, Result<Arn, Fault>>;

    /// Invokes a function with a batch and waits for its end. `traces` has the trace header of each
    /// record of it.
    ///
    /// # Errors
    /// As [`Invoker::role`], and faults of Pileus; what the function itself does wrong is an
    /// outcome.
    fn invoke_batch<'a>(
        &'a self,
        function: &'a Arn,
        payload: Bytes,
        traces: &'a [Option<String>],
    ) -> BoxFuture<'a, Result<BatchOutcome, Fault>>;
}
