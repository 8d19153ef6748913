//! Records in a range that begins with the time at which they are due: deliveries and jobs.

mod claim;
mod place;

pub(crate) use claim::{Claim, Move, Settled};
pub(crate) use place::Place;

use crate::{Core, Stop, backoff::backoff, config};
use claim::{Claimed, Head};
use futures_util::future::BoxFuture;
use kv::{Key, KeyReader, Range, Record, Scan, Tag};
use place::{Held, Holding};
use serde::Serialize;
use service::{Fault, Platform};
use std::sync::Arc;
use tokio::task::JoinSet;
use types::Timestamp;

/// A kind of record that becomes due.
pub(crate) trait Due: Send + Sync + 'static {
    type Record: Record + Send + Sync + 'static;

    /// The tag of the range.
    fn tag(&self) -> Tag;

    /// All records: `tag, account, region`, then the time in ms (8 bytes), then an id.
    fn range(&self) -> Range;

    fn key(&self, due: Timestamp, record: &Self::Record) -> Key;

    /// Counts an attempt, if attempts are counted when they begin.
    fn begin(&self, record: &mut Self::Record);

    /// Does what is due. It settles the claim, or leaves it to the end of its lease, which is
    /// renewed until then.
    fn work(self: Arc<Self>, claim: Claim<Self::Record>) -> BoxFuture<'static, ()>;
}

/// A record and when it is due: for one that is being worked on, the end of its lease.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed<R> {
    /// When it is due.
    pub due: Timestamp,
    /// The record.
    pub record: R,
}

/// Works on everything that becomes due, `slots` records at once, until it is told to stop.
pub(crate) async fn run<D: Due>(core: Arc<Core>, kind: Arc<D>, slots: usize, mut stop: Stop) {
    let clock = core.platform.clock.clone();
    let mut watch = core.platform.store.watch(&kind.range().start);
    let (mut head, held) = (Head::default(), Held::default());
    let mut tasks = JoinSet::new();
    let mut failures = 0;
    while !stop.is_requested() {
        while let Some(ended) = tasks.try_join_next() {
            report(ended);
        }
        let free = slots - tasks.len();
        if free == 0 {
            tokio::select! {
                () = stop.requested() => {}
                Some(ended) = tasks.join_next() => report(ended),
            }
            continue;
        }
        let until = match head
            .claim(&core.platform, &*kind, &held, free.min(config::CLAIM_RECORDS))
            .await
        {
            Ok(Claimed::Some { claims, .. }) => {
                failures = 0;
                for claim in claims {
                    let holding = held.hold(&kind.range(), &claim).await;
                    tasks.spawn(work(core.clone(), kind.clone(), claim, holding));
                }
                continue;
            }
            Ok(Claimed::None { next }) => {
                failures = 0;
                let fallback = clock.now() + config::FALLBACK;
                next.map_or(fallback, |next| next.min(fallback))
            }
            Err(fault) => {
                failures += 1;
                tracing::error!(%fault, failures, "what is due cannot be read");
                clock.now() + backoff(failures, config::MAPPING_BACKOFF_MAX, &core.ids)
            }
        };
        tokio::select! {
            () = stop.requested() => {}
            () = watch.changed(), if failures == 0 => {}
            () = clock.sleep_until(until) => {}
        }
    }
    while let Some(ended) = tasks.join_next().await {
        report(ended);
    }
}

async fn work<D: Due>(core: Arc<Core>, kind: Arc<D>, claim: Claim<D::Record>, _holding: Holding) {
    let place = claim.place.clone();
    tokio::select! {
        () = kind.clone().work(claim) => {}
        () = place::renew(&core.platform, &*kind, place) => {}
        () = core.platform.clock.sleep(config::WORK_MAX) => {
            // The record comes back at the end of its lease.
            tracing::error!("a delivery or a step of a job does not end and is given up");
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        // The record comes back at the end of its lease.
        tracing::error!(%error, "a delivery or job ended without a result");
    }
}

pub(crate) async fn list<R: Record>(
    platform: &Platform,
    tag: Tag,
    range: &Range,
    limit: usize,
) -> Result<Vec<Listed<R>>, Fault> {
    let entries = platform.store.begin().scan(range, Scan::first(limit).snapshot()).await?;
    let listed = entries.iter().map(|entry| {
        let record = kv::decode_record(&entry.value)?;
        Ok(Listed { due: due_of(tag, &entry.key)?, record })
    });
    listed.collect::<Result<_, kv::Error>>().map_err(Fault::from)
}

/// The time in the key of a record.
pub(crate) fn due_of(tag: Tag, key: &[u8]) -> Result<Timestamp, kv::Error> {
    let mut reader = KeyReader::new(tag, key)?;
    reader.str()?;
    reader.str()?;
    reader.u64().map(Timestamp::from_millis)
}
