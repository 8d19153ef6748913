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
}

/// How the router runs functions for event source mappings: the port that `functions` provides.
pub trait Invoker: Send + Sync + 'static {
    /// The execution role of a function, as which its mappings read.
    ///
    /// # Errors
    /// `ResourceNotFoundException` if the function or the qualifier is gone.
    fn role<'a>(&'a self, function: &'a Arn) -> BoxFuture<'a, Result<Arn, Fault>>;

    /// Invokes a function with a batch and waits for its end.
    ///
    /// # Errors
    /// As [`Invoker::role`], and faults of Pileus; what the function itself does wrong is an
    /// outcome.
    fn invoke_batch<'a>(
        &'a self,
        function: &'a Arn,
        payload: Bytes,
    ) -> BoxFuture<'a, Result<BatchOutcome, Fault>>;
}
