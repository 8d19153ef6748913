use crate::{Context, Fault, Output, Rendered};
use futures_util::future::BoxFuture;
use kv::{Key, Transaction};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{any::Any, future::Future, sync::Arc};
use types::Timestamp;

/// One thing that a request must be allowed to do.
#[derive(Debug, Clone)]
pub struct Permission {
    /// The IAM action, `sqs:SendMessage`.
    pub action: &'static str,
    /// The ARN that it touches, or `*` for actions that have no resource.
    pub resource: String,
    /// The policy that the resource carries, if it carries one.
    pub resource_policy: Option<Arc<policy::Document>>,
    /// Condition keys of this action beside the global ones.
    pub conditions: Vec<(&'static str, String)>,
    /// Condition keys that have several values, `dynamodb:LeadingKeys`.
    pub multivalued: Vec<(&'static str, Vec<String>)>,
    /// True if the resource's policy is a role's trust policy, which must allow whatever the
    /// identity's says.
    pub is_trust: bool,
}

impl Permission {
    /// A permission that only identity policies decide.
    #[must_use]
    pub fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self {
            action,
            resource: resource.into(),
            resource_policy: None,
            conditions: Vec::new(),
            multivalued: Vec::new(),
            is_trust: false,
        }
    }

    /// Adds the resource's own policy.
    #[must_use]
    pub fn with_policy(mut self, policy: Option<Arc<policy::Document>>) -> Self {
        self.resource_policy = policy;
        self
    }

    /// Adds a condition key with several values.
    #[must_use]
    pub fn with_values(mut self, key: &'static str, values: Vec<String>) -> Self {
        self.multivalued.push((key, values));
        self
    }

    /// Adds a condition key.
    #[must_use]
    pub fn with_condition(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.conditions.push((key, value.into()));
        self
    }
}

/// An operation inside one transaction, which dispatch begins, commits and retries.
///
/// `Input` is the operation's input shape; give it `#[serde(deny_unknown_fields)]`, so that a
/// member of the official model that is not implemented is refused by name.
pub trait Operation: Send + Sync + 'static {
    /// The service that it belongs to.
    type Service: Send + Sync + 'static;
    /// Its input shape.
    type Input: DeserializeOwned + Send + Sync + 'static;
    /// Its output shape.
    type Output: Serialize + Send + Sync + 'static;
    /// The official name, `SendMessage`.
    const NAME: &'static str;

    /// What the caller must be allowed to do, read in the transaction of [`Operation::run`].
    fn permissions(
        service: &Self::Service,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Vec<Permission>, Fault>> + Send;

    /// Does it. May run several times; only the run that commits counts.
    fn run(
        service: &Self::Service,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send;

    /// Completes the answer by what only the commit tells: the stamps of what was written.
    fn committed(_output: &mut Self::Output, _committed: &kv::Committed) {}
}

/// An operation with work outside of the transaction that happens once, before it: unpacking an
/// archive, storing a body.
pub trait PreparedOperation: Send + Sync + 'static {
    /// The service that it belongs to.
    type Service: Send + Sync + 'static;
    /// Its input shape.
    type Input: DeserializeOwned + Send + Sync + 'static;
    /// Its output shape.
    type Output: Serialize + Send + Sync + 'static;
    /// What the preparation leaves for the run.
    type Prepared: Send + Sync + 'static;
    /// The official name.
    const NAME: &'static str;

    /// As [`Operation::permissions`]; checked before [`PreparedOperation::prepare`] and again with
    /// the run.
    fn permissions(
        service: &Self::Service,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Vec<Permission>, Fault>> + Send;

    /// The work outside of the transaction.
    fn prepare(
        service: &Self::Service,
        ctx: &Context,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Self::Prepared, Fault>> + Send;

    /// As [`Operation::run`], with what was prepared.
    fn run(
        service: &Self::Service,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
        prepared: &Self::Prepared,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send;

    /// Undoes the preparation of a run that did not commit.
    fn release(
        service: &Self::Service,
        prepared: &Self::Prepared,
    ) -> impl Future<Output = ()> + Send;
}

/// The result of one attempt of a waiting operation.
pub enum Attempt<T> {
    /// It is done.
    Done(T),
    /// Nothing to give yet: try again when a key under `watch` changes, and at `until` at the
    /// latest, when the attempt must answer [`Attempt::Done`].
    Wait {
        /// The prefix whose change may end the wait. One change wakes one waiter.
        watch: Key,
        /// When the wait is over.
        until: Timestamp,
    },
}

/// An operation of short transactions with a wait between them.
pub trait Waiting: Send + Sync + 'static {
    /// The service that it belongs to.
    type Service: Send + Sync + 'static;
    /// Its input shape.
    type Input: DeserializeOwned + Send + Sync + 'static;
    /// Its output shape.
    type Output: Serialize + Send + Sync + 'static;
    /// The official name.
    const NAME: &'static str;

    /// As [`Operation::permissions`], before every attempt.
    fn permissions(
        service: &Self::Service,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Vec<Permission>, Fault>> + Send;

    /// One attempt at the time `now`; `ctx.now` stays the time of the request.
    fn attempt(
        service: &Self::Service,
        ctx: &Context,
        now: Timestamp,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Attempt<Self::Output>, Fault>> + Send;
}

/// An operation without a transaction of its own: `Invoke` and its like.
pub trait Direct: Send + Sync + 'static {
    /// The service that it belongs to.
    type Service: Send + Sync + 'static;
    /// Its input shape.
    type Input: DeserializeOwned + Send + Sync + 'static;
    /// Its output; it may carry a raw body, a status and headers.
    type Output: Output + 'static;
    /// The official name.
    const NAME: &'static str;

    /// As [`Operation::permissions`], in a transaction that is only read.
    fn permissions(
        service: &Self::Service,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Vec<Permission>, Fault>> + Send;

    /// Does it.
    fn run(
        service: &Self::Service,
        ctx: &Context,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send;
}

/// How dispatch runs an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In one transaction.
    Transactional,
    /// In one transaction, after work outside of it.
    Prepared,
    /// In short transactions with waits between them.
    Waiting,
    /// In none.
    Direct,
}

/// A decoded input whose type only its operation knows.
pub type Input = Box<dyn Any + Send + Sync>;

/// An operation whose types are erased, as dispatch sees it. Made by
/// [`transactional`](crate::transactional), [`prepared`](crate::prepared),
/// [`waiting`](crate::waiting) and [`direct`](crate::direct) only.
pub trait AnyOperation: Send + Sync {
    /// The official name.
    fn name(&self) -> &'static str;

    /// How to run it.
    fn kind(&self) -> Kind;

    /// Turns the members into the operation's input.
    ///
    /// # Errors
    /// A member that the operation does not implement, or of another form than its model says.
    fn decode(&self, members: Value) -> Result<Input, serde_json::Error>;

    /// See [`Operation::permissions`].
    fn permissions<'a>(
        &'a self,
        ctx: &'a Context,
        tx: &'a mut Transaction,
        input: &'a Input,
    ) -> BoxFuture<'a, Result<Vec<Permission>, Fault>>;

    /// See [`PreparedOperation::prepare`]; the other kinds prepare nothing.
    fn prepare<'a>(
        &'a self,
        _ctx: &'a Context,
        _input: &'a Input,
    ) -> BoxFuture<'a, Result<Input, Fault>> {
        Box::pin(async { Ok(Box::new(()) as Input) })
    }

    /// See [`PreparedOperation::release`].
    fn release<'a>(&'a self, _prepared: &'a Input) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    /// One run inside `tx`; of the kind [`Kind::Direct`], one without looking at it.
    fn run<'a>(
        &'a self,
        run: Run<'a>,
        tx: &'a mut Transaction,
    ) -> BoxFuture<'a, Result<Attempt<Rendered>, Fault>>;
}

/// What one run is given.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The request.
    pub ctx: &'a Context,
    /// The time of this attempt, for operations that wait.
    pub now: Timestamp,
    /// The decoded input.
    pub input: &'a Input,
    /// What [`AnyOperation::prepare`] made.
    pub prepared: &'a Input,
}
