use crate::{Caller, Fault};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// How one service uses another: by operation, through dispatch, authorised like any request.
pub trait Calls: Send + Sync + 'static {
    /// Runs `operation` of the service whose signing name is `service` (`sqs`) as `caller`, in a
    /// transaction of its own. `input` and the answer are the operation's members as JSON.
    ///
    /// # Errors
    /// Whatever the operation answers, and `UnsupportedOperation` if there is no such operation.
    fn call<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Result<Value, Fault>>;
}
