use crate::Fault;
use kv::{Store, Transaction};
use std::{
    future::{Future, poll_fn},
    task::Poll,
};

/// A transaction that meets this many conflicts in a row is given up.
const MAX_ATTEMPTS: u32 = 64;

/// What a worker does in one transaction. (Operations do not need it: dispatch owns theirs.)
///
/// A small struct that holds what the work needs, because an async closure that borrows a
/// transaction does not compile inside of a `Send` future.
pub trait Transact: Sync {
    /// What it gives.
    type Output: Send;

    /// Does it. May run several times; only the run that commits counts. A fault that is not
    /// retryable ends the transaction without a trace.
    fn run(&self, tx: &mut Transaction)
    -> impl Future<Output = Result<Self::Output, Fault>> + Send;
}

/// Runs `work` in a transaction and commits it, again after every conflict.
///
/// # Errors
/// The work's own; the store's; a conflict that does not end.
pub async fn transact<T: Transact>(store: &Store, work: &T) -> Result<T::Output, Fault> {
    let mut last = None;
    for _ in 0..MAX_ATTEMPTS {
        let mut tx = store.begin();
        let fault = match work.run(&mut tx).await {
            Ok(output) => match tx.commit().await {
                Ok(_) => return Ok(output),
                Err(error) => Fault::from(error),
            },
            Err(fault) => fault,
        };
        if !fault.is_retryable() {
            return Err(fault);
        }
        last = Some(fault);
        yield_once().await;
    }
    let last = last.map(|fault| fault.to_string()).unwrap_or_default();
    Err(Fault::internal(format!("{MAX_ATTEMPTS} conflicts in a row; last: {last}")))
}

/// Lets other tasks run once, on any executor.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
