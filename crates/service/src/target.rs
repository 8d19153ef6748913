use crate::{Caller, Fault, delivery::Delivery};
use futures_util::future::BoxFuture;
use kv::Transaction;
use std::time::Duration;
use types::Timestamp;

/// Why a target did not take a delivery.
pub enum Refusal {
    /// It is missing, it does not allow the sender, or the payload is too large: the delivery
    /// goes to retry or dead letter, and the source's transaction goes on.
    Refused {
        /// The official code, `AWS.SimpleQueueService.NonExistentQueue`.
        code: String,
        /// What a person should read.
        message: String,
    },
    /// The store failed; the whole transaction fails with it.
    Store(kv::Error),
}

impl From<kv::Error> for Refusal {
    fn from(error: kv::Error) -> Self {
        Self::Store(error)
    }
}

/// How a delivery enters a service inside a transaction: exactly once.
pub trait Target: Send + Sync + 'static {
    /// The service in the ARNs that it answers for.
    fn service(&self) -> &'static str;

    /// Applies the delivery, if `caller`, its principal, may send it here.
    fn apply<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        delivery: &'a Delivery,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Refusal>>;
}

/// The result of an attempt to deliver outside of the store.
pub enum Attempted {
    /// It is done, and these deliveries follow in the transaction that removes it.
    Done(Vec<Delivery>),
    /// The target refuses for good, or has refused for as long as its contract allows: the
    /// delivery goes to its dead letter ([`crate::delivery::GiveUp`]), or is dropped.
    Refused {
        /// The official code.
        code: String,
        /// What a person should read.
        message: String,
    },
    /// Not now: again after this time, with this much counted.
    Retry {
        /// How long to wait.
        after: Duration,
        /// What the target wants to remember of it, for [`Delivery::state`].
        state: serde_json::Value,
    },
}

/// How a delivery leaves the store: at least once.
pub trait ExternalTarget: Send + Sync + 'static {
    /// The service in the ARNs that it answers for.
    fn service(&self) -> &'static str;

    /// Tries once.
    ///
    /// # Errors
    /// A fault of Pileus; the router tries again with backoff.
    fn attempt<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Attempted, Fault>>;

    /// Whether such a delivery would be taken: the target is there and allows its sender. Asked
    /// when somebody wants to deliver here from now on.
    fn accepts<'a>(
        &'a self,
        tx: &'a mut Transaction,
        delivery: &'a Delivery,
    ) -> BoxFuture<'a, Result<(), Refusal>>;
}
