//! The instances of every function version: who is busy, who is idle, who starts, who goes.

mod book;
mod keeper;
mod reaper;
mod shares;
mod turns;

use crate::{
    Credentials, InstanceKey, InstanceSpec, Interpreters, Invocation, InvokeError, LogSink,
    Observer, Outcome, Platform, PoolsConfig, Share, StartPhase,
    instance::{Attempt, Birth, Instance, StartError, Starter, Waited},
    sandbox::Sandboxes,
};
use book::{Book, Place};
use clock::{Ids, SharedClock};
use futures_util::future::join_all;
use http::HeaderValue;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};
use turns::{Turn, Turns};

/// What the pools work with.
#[derive(Clone)]
pub struct Ports {
    /// Makes sandboxes.
    pub sandboxes: Arc<dyn Sandboxes>,
    /// Knows how a runtime starts.
    pub interpreters: Arc<dyn Interpreters>,
    /// Gives a new instance its role's credentials.
    pub credentials: Arc<dyn Credentials>,
    /// Serves the platform's endpoint inside.
    pub platform: Arc<dyn Platform>,
    /// Takes the functions' output.
    pub logs: Arc<dyn LogSink>,
    /// Counts what happens.
    pub observer: Arc<dyn Observer>,
    /// Time for deadlines, log lines and idleness.
    pub clock: SharedClock,
    /// Names for log streams.
    pub ids: Arc<Ids>,
}

/// All instances of a node, in one pool for every [`InstanceKey`]. A clone is the same pools.
#[derive(Clone)]
pub struct Pools {
    inner: Arc<Inner>,
}

/// How it stands with the instances of a version that are kept ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionedStatus {
    /// So many are wanted.
    pub wanted: usize,
    /// So many of them are there, at work or idle.
    pub ready: usize,
    /// So many work.
    pub busy: usize,
    /// Why the last start failed, until one ends well.
    pub failure: Option<String>,
}

/// How many instances there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolsStatus {
    /// All of them, starting ones included.
    pub instances: usize,
    /// Those that work or start.
    pub busy: usize,
}

struct Inner {
    starter: Starter,
    config: PoolsConfig,
    book: Mutex<Book>,
    /// Wakes the reaper when there is something to reap again.
    idle: Arc<Notify>,
    /// Wakes the keeper when something has changed of what is kept ready.
    ahead: Arc<Notify>,
    /// Wakes a shutdown when an instance is gone.
    gone: Notify,
    /// Who may start an instance now.
    starts: Arc<Turns>,
}

impl Pools {
    /// Empty pools. Needs a running tokio runtime.
    #[must_use]
    pub fn new(ports: Ports, config: PoolsConfig) -> Self {
        let starter = Starter {
            sandboxes: ports.sandboxes,
            interpreters: ports.interpreters,
            credentials: ports.credentials,
            platform: ports.platform,
            logs: ports.logs,
            observer: ports.observer,
            clock: ports.clock,
            ids: ports.ids,
        };
        let inner = Arc::new(Inner {
            starter,
            config,
            book: Mutex::default(),
            idle: Arc::default(),
            ahead: Arc::default(),
            gone: Notify::new(),
            starts: Turns::new(config.concurrent_starts),
        });
        let (clock, idle) = (inner.starter.clock.clone(), inner.idle.clone());
        tokio::spawn(reaper::run(Arc::downgrade(&inner), clock.clone(), idle));
        tokio::spawn(keeper::run(Arc::downgrade(&inner), clock, inner.ahead.clone()));
        Self { inner }
    }

    /// Runs one invocation on an idle instance, or else on a new one. It runs to its end even if
    /// the returned future is dropped.
    ///
    /// # Errors
    /// The invocation reached no runtime: see [`InvokeError`]. A failure of the function is not
    /// an error but an [`Outcome`] with [`Outcome::error`].
    pub async fn invoke(
        &self,
        spec: Arc<InstanceSpec>,
        invocation: Invocation,
    ) -> Result<Outcome, InvokeError> {
        check_headers(&invocation)?;
        let inner = self.inner.clone();
        let running = tokio::spawn(async move {
            let observer = inner.starter.observer.clone();
            let result = inner.run(spec.clone(), Arc::new(invocation)).await;
            observer.invoked(&spec, &result);
            result
        });
        running.await.unwrap_or(Err(InvokeError::Internal))
    }

    /// Says how many instances of which versions are kept ready, started before anybody calls and
    /// replaced when they end or grow old; of all other versions none. Calls of such a version run
    /// on these first, beside their [`Share`], and only then on others.
    pub fn provision(&self, wanted: Vec<(Arc<InstanceSpec>, usize)>) {
        self.inner.book().provision(wanted);
        self.inner.changed();
    }

    /// How it stands with the instances of a version that are kept ready, if there are to be any.
    #[must_use]
    pub fn provisioned(&self, key: &InstanceKey) -> Option<ProvisionedStatus> {
        self.inner.book().provisioned(key)
    }

    /// The same of every version.
    #[must_use]
    pub fn all_provisioned(&self) -> Vec<(InstanceKey, ProvisionedStatus)> {
        self.inner.book().all_provisioned()
    }

    /// Lets the instances of an outdated key go: idle ones now, busy ones after their invocation.
    pub fn retire(&self, key: &InstanceKey) {
        self.inner.retire(|candidate| candidate == key);
    }

    /// Lets every instance of a function go, of whatever version.
    pub fn retire_function(&self, function_arn: &str) {
        self.inner.retire(|candidate| candidate.function_arn == function_arn);
    }

    /// How many instances there are.
    #[must_use]
    pub fn status(&self) -> PoolsStatus {
        self.inner.book().status()
    }

    /// How many instances of each function work or start, by the function's ARN; those that are idle
    /// are not in it.
    #[must_use]
    pub fn busy(&self) -> HashMap<String, usize> {
        self.inner.book().busy()
    }

    /// Refuses new invocations, kills every instance, and ends when none is left.
    pub async fn shutdown(&self) {
        let live = self.inner.book().close();
        join_all(live.iter().map(|instance| instance.kill())).await;
        drop(live);
        loop {
            let gone = self.inner.gone.notified();
            if self.inner.book().status().instances == 0 {
                return;
            }
            // An instance that does not end was reported by its kill.
            if tokio::time::timeout(Duration::from_secs(10), gone).await.is_err() {
                return;
            }
        }
    }
}

impl Inner {
    async fn run(
        self: Arc<Self>,
        spec: Arc<InstanceSpec>,
        invocation: Arc<Invocation>,
    ) -> Result<Outcome, InvokeError> {
        loop {
            let now = self.starter.clock.now();
            let share = invocation.share;
            let (place, found) = {
                let mut book = self.book();
                let place = book.take(&spec.key, share, now, &self.config)?;
                let found = matches!(place, Place::Provisioned(_));
                (place, book.is_provisioned(&spec.key).then_some(found))
            };
            let held = match &place {
                Place::Provisioned(instance) => Held::Provisioned(instance.id),
                Place::Idle(_) | Place::New(_) => Held::Shared(share),
            };
            let lease = Lease { inner: self.clone(), key: spec.key.clone(), held, instance: None };
            let result = match place {
                Place::Provisioned(instance) | Place::Idle(instance) => {
                    lease.reuse(instance, &invocation).await.map(Ok)
                }
                Place::New(id) => match self.turn(&spec).await {
                    Chance::Start(turn) => Some(lease.start(id, turn, &spec, &invocation).await),
                    Chance::Idle(instance) => lease.reuse(instance, &invocation).await.map(Ok),
                },
            };
            // An instance that died while idle costs this one retry.
            let Some(result) = result else { continue };
            if let Some(found) = found {
                self.starter.observer.provisioned(&spec, found);
            }
            return result;
        }
    }

    /// Waits for a turn to start an instance, or for one that becomes free before.
    async fn turn(&self, spec: &InstanceSpec) -> Chance {
        let asked = Instant::now();
        let now = self.starter.clock.now();
        let mut free = self.book().wait(&spec.key, now, &self.config);
        let turn = tokio::select! {
            biased;
            Ok(instance) = &mut free => return Chance::Idle(instance),
            turn = self.starts.take(&spec.key.function_arn) => turn,
        };
        // One may have come together with the turn. From here on none can.
        free.close();
        match free.try_recv() {
            Ok(instance) => Chance::Idle(instance),
            Err(_) => {
                self.starter.observer.started(spec, StartPhase::Queue, asked.elapsed());
                Chance::Start(turn)
            }
        }
    }

    /// Something has changed of what is kept ready, or could be.
    fn changed(&self) {
        self.ahead.notify_one();
        self.gone.notify_waiters();
    }

    fn retire(&self, outdated: impl Fn(&InstanceKey) -> bool) {
        self.book().retire(outdated);
        self.gone.notify_waiters();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The reaper and the keeper look and find nothing left to do.
        self.idle.notify_one();
        self.ahead.notify_one();
    }
}

/// How a call that found no idle instance goes on.
enum Chance {
    /// With one of its own.
    Start(Turn),
    /// With one that has become free.
    Idle(Arc<Instance>),
}

/// What a lease holds.
enum Held {
    /// A place among the busy instances of a pool, which counts in this share.
    Shared(Share),
    /// The instance of this id, which is kept ready.
    Provisioned(u64),
}

/// A busy instance, given back when dropped.
struct Lease {
    inner: Arc<Inner>,
    key: InstanceKey,
    held: Held,
    /// What goes back to the idle ones.
    instance: Option<Arc<Instance>>,
}

impl Lease {
    async fn reuse(self, instance: Arc<Instance>, invocation: &Arc<Invocation>) -> Option<Outcome> {
        match instance.invoke(invocation, Waited::Not).await {
            Attempt::Done(outcome) => {
                self.settle(instance, outcome.report.duration);
                Some(*outcome)
            }
            Attempt::NotDelivered(_) => None,
        }
    }

    /// Gives the instance back, as soon as its extensions are done with the invocation. The caller
    /// has its answer by then.
    fn settle(self, instance: Arc<Instance>, taken: Duration) {
        if instance.is_settled() {
            return self.end(Some(instance));
        }
        let lease = self;
        tokio::spawn(async move {
            let in_time = instance.settle(taken).await;
            lease.end(in_time.then_some(instance));
        });
    }

    /// Ends the lease; an instance goes back to the idle ones.
    fn end(mut self, instance: Option<Arc<Instance>>) {
        self.instance = instance;
    }

    async fn start(
        self,
        id: u64,
        turn: Turn,
        spec: &Arc<InstanceSpec>,
        invocation: &Arc<Invocation>,
    ) -> Result<Outcome, InvokeError> {
        // The time to initialise counts from here, not from when the turn was asked for.
        let mut started = self.bear(id, None, spec, invocation).await;
        let is_again = matches!(started, Err(StartError::TimedOut(_)));
        if let Err(StartError::TimedOut(stream)) = started {
            let id = self.inner.book().another_id();
            started = self.bear(id, Some(stream), spec, invocation).await;
        }
        drop(turn);
        let (instance, took) = match started {
            Ok(started) => started,
            Err(StartError::Function(outcome)) => return Ok(*outcome),
            Err(StartError::Platform(error)) => return Err(error),
            Err(StartError::TimedOut(_)) => return Err(InvokeError::Internal),
        };
        let waited = if is_again { Waited::Again(took) } else { Waited::Init(took) };
        match instance.invoke(invocation, waited).await {
            Attempt::Done(outcome) => {
                self.settle(instance, outcome.report.duration);
                Ok(*outcome)
            }
            Attempt::NotDelivered(exit) => Ok(instance.ended_before(invocation, waited, exit)),
        }
    }

    /// Starts an instance in the lease's place; `again` as in [`Birth::again`].
    async fn bear(
        &self,
        id: u64,
        again: Option<String>,
        spec: &Arc<InstanceSpec>,
        invocation: &Arc<Invocation>,
    ) -> Result<(Arc<Instance>, Duration), StartError> {
        let (inner, weak) = (self.inner.clone(), Arc::downgrade(&self.inner));
        let key = spec.key.clone();
        let birth = Birth {
            id,
            spec,
            invocation: Some(invocation),
            again,
            on_running: &|instance| inner.book().register(instance),
            on_end: Box::new(move || {
                if let Some(inner) = weak.upgrade() {
                    inner.book().forget(&key, id);
                    inner.gone.notify_waiters();
                }
            }),
        };
        inner.starter.start(birth).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let now = self.inner.starter.clock.now();
        let instance = self.instance.take();
        match self.held {
            Held::Shared(share) => {
                let (inner, mut book) = (&self.inner, self.inner.book());
                if book.give_back(&self.key, share, instance, now, &inner.config) {
                    inner.idle.notify_one();
                } else {
                    inner.gone.notify_waiters();
                }
            }
            Held::Provisioned(id) => {
                let instance = instance.as_deref();
                let is_gone = self.inner.book().give_back_provisioned(&self.key, id, instance);
                if is_gone {
                    self.inner.changed();
                }
            }
        }
    }
}

/// Texts that travel to the runtime in headers must fit there.
fn check_headers(invocation: &Invocation) -> Result<(), InvokeError> {
    let texts = [
        ("the request id", Some(&invocation.request_id)),
        ("the invoked ARN", Some(&invocation.invoked_arn)),
        ("the trace id", invocation.trace_id.as_ref()),
        ("the client context", invocation.client_context.as_ref()),
        ("the Cognito identity", invocation.cognito_identity.as_ref()),
    ];
    for (name, text) in texts {
        if text.is_some_and(|text| HeaderValue::from_bytes(text.as_bytes()).is_err()) {
            return Err(InvokeError::Header(name));
        }
    }
    Ok(())
}
