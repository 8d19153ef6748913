use crate::{Caller, Fault};
use bytes::Bytes;
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

    /// As [`Calls::call`], for an operation whose input or answer has a payload beside its members
    /// (`Invoke`, `GetObject`). `body` is that of the input; that of the answer is read into memory,
    /// at most `limit` bytes of it.
    ///
    /// # Errors
    /// As [`Calls::call`], and `EntityTooLarge` if the answer's body is longer.
    fn call_with_body<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
        body: Bytes,
        limit: usize,
    ) -> BoxFuture<'a, Result<(Value, Bytes), Fault>>;
}
