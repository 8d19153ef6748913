//! Jobs: background work, one bounded step after the other.

use crate::{
    Core, Stop,
    backoff::backoff,
    config,
    due::{Claim, Due, Move, Settled},
};
use futures_util::future::BoxFuture;
use kv::{Key, Range, Tag};
use service::{Fault, Job, JobRecord, Next, job, tag, transact};
use std::{collections::HashMap, sync::Arc};
use types::Timestamp;

pub(crate) struct Jobs {
    core: Arc<Core>,
    kinds: HashMap<&'static str, Arc<dyn Job>>,
    stop: Stop,
}

impl Jobs {
    pub(crate) fn new(core: Arc<Core>, jobs: Vec<Arc<dyn Job>>, stop: Stop) -> Self {
        let kinds = jobs.into_iter().map(|job| (job.kind(), job)).collect();
        Self { core, kinds, stop }
    }

    /// One step; the claim of the next one if that follows at once.
    async fn step(&self, claim: Claim<JobRecord>) -> Option<Claim<JobRecord>> {
        let Claim { place, mut record } = claim;
        let now = || self.core.platform.clock.now();
        let result = match self.kinds.get(record.kind.as_str()) {
            Some(job) => job.step(&record).await,
            None => Err(Fault::internal("no service has this kind of job")),
        };
        let (due, at_once) = match result {
            Ok(Next::Done) => {
                let at = place.held(&self.core.platform.store).await;
                self.settle(Move::<JobRecord> { claim: &at.key, to: None }).await;
                return None;
            }
            Ok(Next::Again { cursor, after }) => {
                (record.cursor, record.attempts) = (cursor, 0);
                let at_once = after.is_zero() && !self.stop.is_requested();
                (now() + if at_once { config::LEASE } else { after }, at_once)
            }
            Err(fault) => {
                record.attempts = record.attempts.saturating_add(1);
                let JobRecord { id, kind, attempts, .. } = &record;
                tracing::warn!(%id, kind, attempts, %fault, "a job's step failed");
                (now() + backoff(record.attempts, config::BACKOFF_MAX, &self.core.ids), false)
            }
        };
        let to = self.key(due, &record);
        let mut at = place.held(&self.core.platform.store).await;
        let held = self.settle(Move { claim: &at.key, to: Some((to.clone(), &record)) }).await;
        if !(held && at_once) {
            return None;
        }
        at.key = to;
        drop(at);
        Some(Claim { place, record })
    }

    /// Whether this process still has the job.
    async fn settle(&self, work: Move<'_, JobRecord>) -> bool {
        match transact(&self.core.platform.store, &work).await {
            Ok(Settled::Held) => return true,
            Ok(Settled::Lost) => {
                tracing::warn!("the lease of a job was lost; another goes on");
            }
            // The record comes back at the end of its lease.
            Err(fault) => tracing::error!(%fault, "the result of a job's step was not stored"),
        }
        false
    }
}

impl Due for Jobs {
    type Record = JobRecord;

    fn tag(&self) -> Tag {
        tag::JOB
    }

    fn range(&self) -> Range {
        job::all(&self.core.platform.account, &self.core.platform.region)
    }

    fn key(&self, due: Timestamp, record: &JobRecord) -> Key {
        job::key(&self.core.platform.account, &self.core.platform.region, due, &record.id)
    }

    fn begin(&self, _: &mut JobRecord) {}

    fn work(self: Arc<Self>, claim: Claim<JobRecord>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut claim = Some(claim);
            while let Some(held) = claim {
                claim = self.step(held).await;
            }
        })
    }
}
