//! The router: what is due, and what flows from sources into functions.
//!
//! * [Deliveries](service::delivery): claimed by a lease, tried, then removed, rescheduled with
//!   backoff and jitter, or followed by what their target says (destinations, dead letters). One
//!   that its target keeps refusing goes to its dead-letter queue, or is dropped and counted, as
//!   the contract of its source says.
//! * [Jobs](service::job): the same, one bounded step at a time.
//! * [Event source mappings](service::mapping): for each enabled one a poller that reads batches
//!   as the function's role, invokes the function and settles the batch by its answer.
//!
//! Invariants:
//! * A claim moves a record to the end of its lease in one transaction. Whoever finds it there
//!   again may try again, so nothing is lost when a process dies.
//! * A delivery into a transactional target is applied in the transaction that removes it:
//!   exactly once. Everything else happens at least once.
//! * Waiting costs no reads: the router reads the head of a range, then sleeps until that is due
//!   or something is written. A look after [`config::FALLBACK`] covers watches that did not fire.

mod backoff;
pub mod config;
mod deliveries;
mod due;
mod jobs;
mod mappings;
mod meters;

pub use due::Listed;

use clock::Ids;
use service::{Fault, Identities, Invoker, Job, JobRecord, Platform, delivery::Delivery};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{sync::watch, task::JoinSet};

/// What all parts of the router share.
pub(crate) struct Core {
    pub(crate) platform: Arc<Platform>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) invoker: Arc<dyn Invoker>,
    pub(crate) ids: Ids,
    /// Deliveries that were dropped since the start.
    pub(crate) dropped: AtomicU64,
    pub(crate) ages: meters::RecordAges,
}

/// The router of one node. Any number of nodes may run one on the same store.
pub struct Router {
    core: Arc<Core>,
    jobs: Vec<Arc<dyn Job>>,
}

impl Router {
    /// A router that does nothing yet. The platform's ports must be connected before
    /// [`Router::start`].
    #[must_use]
    pub fn new(
        platform: Arc<Platform>,
        identities: Arc<dyn Identities>,
        jobs: Vec<Arc<dyn Job>>,
        invoker: Arc<dyn Invoker>,
        ids: Ids,
    ) -> Self {
        let ages = meters::RecordAges::new(&platform.metrics);
        let dropped = AtomicU64::new(0);
        Self { core: Arc::new(Core { platform, identities, invoker, ids, dropped, ages }), jobs }
    }

    /// Begins to work, on the current tokio runtime.
    #[must_use]
    pub fn start(self) -> Running {
        let (sender, receiver) = watch::channel(false);
        let (core, stop) = (self.core, Stop(receiver));
        let deliveries = Arc::new(deliveries::Deliveries::new(core.clone()));
        let jobs = Arc::new(jobs::Jobs::new(core.clone(), self.jobs, stop.clone()));
        let mut tasks = JoinSet::new();
        let at_once = config::DELIVERIES_AT_ONCE;
        tasks.spawn(due::run(core.clone(), deliveries, at_once, stop.clone()));
        tasks.spawn(due::run(core.clone(), jobs, config::JOBS_AT_ONCE, stop.clone()));
        tasks.spawn(mappings::run(core.clone(), stop));
        Running { stop: sender, tasks, core }
    }
}

/// A router at work. Dropping it ends its work at once; leases bring back what was unfinished.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    core: Arc<Core>,
}

impl Running {
    /// Deliveries that were dropped since the start, because their targets refused them and they
    /// had no dead-letter queue: what Lambda counts as `DestinationDeliveryFailures` and
    /// `DeadLetterErrors`.
    #[must_use]
    pub fn dropped_deliveries(&self) -> u64 {
        self.core.dropped.load(Ordering::Relaxed)
    }

    /// Takes up nothing new, and returns when everything that was begun has ended. That may take
    /// as long as the longest running function: the caller may drop this future to wait no longer.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Tells the router's tasks to end.
#[derive(Clone)]
pub(crate) struct Stop(pub(crate) watch::Receiver<bool>);

impl Stop {
    /// Ends when the router is told to stop, or is dropped. Cancel-safe.
    pub(crate) async fn requested(&mut self) {
        // An error means that the sender is gone, which is the same wish.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// The jobs of this installation in the order in which they are due, at most `limit`.
///
/// # Errors
/// The store's.
pub async fn list_jobs(platform: &Platform, limit: usize) -> Result<Vec<Listed<JobRecord>>, Fault> {
    let range = service::job::all(&platform.account, &platform.region);
    due::list(platform, service::tag::JOB, &range, limit).await
}

/// The deliveries of this installation in the order in which they are due, at most `limit`.
///
/// # Errors
/// The store's.
pub async fn list_deliveries(
    platform: &Platform,
    limit: usize,
) -> Result<Vec<Listed<Delivery>>, Fault> {
    let range = service::delivery::all(&platform.account, &platform.region);
    due::list(platform, service::tag::DELIVERY, &range, limit).await
}
