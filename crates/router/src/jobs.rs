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
use std::{collections::HashMap, sync::Arc, time::Duration};
use types::Timestamp;

/// The lease of a job whose kind this build does not know.
const UNKNOWN_LEASE: Duration = Duration::from_secs(60);

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
        let Claim { key, mut record } = claim;
        let now = || self.core.platform.clock.now();
        let result = match self.kinds.get(record.kind.as_str()) {
            Some(job) => job.step(&record).await.map(|next| (next, job.lease())),
            None => Err(Fault::internal("no service has this kind of job")),
        };
        let (due, at_once) = match result {
            Ok((Next::Done, _)) => {
                self.settle(Move::<JobRecord> { claim: &key, to: None }).await;
                return None;
            }
            Ok((Next::Again { cursor, after }, lease)) => {
                (record.cursor, record.attempts) = (cursor, 0);
                let at_once = after.is_zero() && !self.stop.is_requested();
                (now() + if at_once { lease } else { after }, at_once)
            }
            Err(fault) => {
                record.attempts = record.attempts.saturating_add(1);
                let JobRecord { id, kind, attempts, .. } = &record;
                tracing::warn!(%id, kind, attempts, %fault, "a job's step failed");
                (now() + backoff(record.attempts, config::BACKOFF_MAX, &self.core.ids), false)
            }
        };
        let to = self.key(due, &record);
        let held = self.settle(Move { claim: &key, to: Some((to.clone(), &record)) }).await;
        (held && at_once).then_some(Claim { key: to, record })
    }

    /// Whether this process still has the job.
    async fn settle(&self, work: Move<'_, JobRecord>) -> bool {
        match transact(&self.core.platform.store, &work).await {
            Ok(Settled::Held) => return true,
            Ok(Settled::Lost) => {
                tracing::warn!("a job's step took longer than its lease; another goes on");
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

    fn begin(&self, record: &mut JobRecord) -> Duration {
        self.kinds.get(record.kind.as_str()).map_or(UNKNOWN_LEASE, |job| job.lease())
    }

    fn work(self: Arc<Self>, claim: Claim<JobRecord>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut claim = Some(claim);
            while let Some(held) = claim {
                claim = self.step(held).await;
            }
        })
    }
}
