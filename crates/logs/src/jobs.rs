//! Background work: deleting what a deleted group or stream leaves, and what is expired.

use crate::{
    Error, config,
    keys::{GroupId, Id},
    model::{self, Event, Group, Stream},
};
use futures_util::future::BoxFuture;
use kv::{Range, Scan, Transaction};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service::{
    Context, Fault, Job, Next, Platform, Transact,
    job::{self, JobRecord},
    transact,
};
use std::{sync::Arc, time::Duration};
use types::{RequestId, Timestamp};

const CLEAR: &str = "logs.clear";
const SWEEP: &str = "logs.sweep";

/// Makes the job that deletes everything of a group.
pub(crate) fn clear_group(ctx: &Context, tx: &mut Transaction, group: &Group) -> Result<(), Error> {
    let cursor = ClearCursor { group: group.id.clone(), stream: None };
    enqueue(ctx, tx, CLEAR, ctx.ids().uuid(), &cursor)
}

/// Makes the job that deletes the events of a stream.
pub(crate) fn clear_stream(
    ctx: &Context,
    tx: &mut Transaction,
    group: &Group,
    stream: &Stream,
) -> Result<(), Error> {
    let cursor = ClearCursor { group: group.id.clone(), stream: Some(stream.id) };
    enqueue(ctx, tx, CLEAR, ctx.ids().uuid(), &cursor)
}

/// Makes the job that deletes expired events of a group, if it has none.
pub(crate) fn sweep(ctx: &Context, tx: &mut Transaction, group: &mut Group) -> Result<(), Error> {
    if group.sweep.is_some() {
        return Ok(());
    }
    let id = ctx.ids().uuid();
    group.sweep = Some(id);
    let cursor =
        SweepCursor { group: group.id.clone(), name: group.name.clone(), from: String::new() };
    enqueue(ctx, tx, SWEEP, id, &cursor)
}

fn enqueue(
    ctx: &Context,
    tx: &mut Transaction,
    kind: &str,
    id: RequestId,
    cursor: &impl Serialize,
) -> Result<(), Error> {
    let cursor = serde_json::to_value(cursor).expect("a cursor is plain data with string keys");
    let record = JobRecord { id, kind: kind.to_owned(), cursor, attempts: 0, created: ctx.now };
    Ok(job::enqueue(tx, ctx.account(), &ctx.region, ctx.now, &record)?)
}

fn read_cursor<T: DeserializeOwned>(record: &JobRecord) -> Result<T, Fault> {
    serde_json::from_value(record.cursor.clone())
        .map_err(|error| Fault::internal(format!("the cursor of {}: {error}", record.kind)))
}

/// What is to be deleted: a whole group, or the events of one of its streams.
#[derive(Debug, Serialize, Deserialize)]
struct ClearCursor {
    group: GroupId,
    stream: Option<Id>,
}

/// Deletes a range of keys, some at a time.
pub(crate) struct Clear(Arc<Platform>);

impl Clear {
    pub(crate) fn new(platform: Arc<Platform>) -> Self {
        Self(platform)
    }
}

impl Job for Clear {
    fn kind(&self) -> &'static str {
        CLEAR
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let cursor: ClearCursor = read_cursor(record)?;
            let done = transact(&self.0.store, &cursor).await?;
            Ok(match done {
                true => Next::Done,
                false => Next::Again { cursor: record.cursor.clone(), after: Duration::ZERO },
            })
        })
    }
}

impl Transact for ClearCursor {
    /// Whether nothing is left.
    type Output = bool;

    async fn run(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        if let Some(stream) = &self.stream {
            let range = self.group.events(stream);
            return Ok(
                delete_events(tx, &self.group, &range, config::JOB_KEYS).await? < config::JOB_KEYS
            );
        }
        let mut room = config::JOB_KEYS;
        for range in self.group.everything() {
            let entries = tx.scan(&range, Scan::first(room).snapshot()).await?;
            room -= entries.len();
            for entry in entries {
                tx.delete(entry.key)?;
            }
        }
        Ok(room > 0)
    }
}

/// Deletes up to `limit` records of events and counts them out of what the group stores.
async fn delete_events(
    tx: &mut Transaction,
    group: &GroupId,
    range: &Range,
    limit: usize,
) -> Result<usize, Error> {
    let entries = tx.scan(range, Scan::first(limit).snapshot()).await?;
    let mut bytes = 0;
    for entry in &entries {
        bytes += Event::of(entry)?.iter().map(Event::bytes).sum::<usize>();
        tx.delete(entry.key.clone())?;
    }
    if bytes > 0 {
        tx.add(group.stored(), -i64::try_from(bytes).unwrap_or(i64::MAX))?;
    }
    Ok(entries.len())
}

/// Where a sweep is: streams from this name on have not been looked at.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SweepCursor {
    group: GroupId,
    name: String,
    from: String,
}

/// Deletes the expired events of a group, for as long as it has a retention.
pub(crate) struct Sweep(Arc<Platform>);

impl Sweep {
    pub(crate) fn new(platform: Arc<Platform>) -> Self {
        Self(platform)
    }
}

impl Job for Sweep {
    fn kind(&self) -> &'static str {
        SWEEP
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let cursor: SweepCursor = read_cursor(record)?;
            let now = self.0.clock.now();
            let step = SweepStep { cursor: &cursor, id: record.id, now };
            let (from, after) = match transact(&self.0.store, &step).await? {
                Swept::Ended => return Ok(Next::Done),
                Swept::Until(name) => (name, Duration::ZERO),
                Swept::All => (String::new(), config::SWEEP_INTERVAL),
            };
            let cursor = serde_json::to_value(SweepCursor { from, ..cursor })
                .map_err(|error| Fault::internal(error.to_string()))?;
            Ok(Next::Again { cursor, after })
        })
    }
}

/// How far a step of a sweep came.
enum Swept {
    /// The group is gone, keeps its events for ever, or has another sweep.
    Ended,
    /// The stream of this name is next.
    Until(String),
    All,
}

struct SweepStep<'a> {
    cursor: &'a SweepCursor,
    id: RequestId,
    now: Timestamp,
}

impl Transact for SweepStep<'_> {
    type Output = Swept;

    async fn run(&self, tx: &mut Transaction) -> Result<Swept, Fault> {
        let SweepCursor { group: id, name, from } = self.cursor;
        let found = model::find_group(tx, &id.account, &id.region, name).await?;
        let ours = |group: &Group| group.id == *id && group.sweep == Some(self.id);
        let Some(mut group) = found.filter(ours) else { return Ok(Swept::Ended) };
        if group.retention_days.is_none() {
            group.sweep = None;
            group.save(tx)?;
            return Ok(Swept::Ended);
        }
        let streams = Range::new(id.stream(from), id.streams("").end);
        let entries = tx.scan(&streams, Scan::first(config::SWEEP_STREAMS + 1).snapshot()).await?;
        let expired = group.expired_before(self.now);
        let mut room = config::JOB_KEYS;
        for (index, entry) in entries.iter().enumerate() {
            let stream: Stream = kv::decode_record(&entry.value)?;
            if index == config::SWEEP_STREAMS {
                return Ok(Swept::Until(stream.name));
            }
            let range = Range::new(id.events(&stream.id).start, id.events_at(&stream.id, expired));
            room -= delete_events(tx, id, &range, room).await?;
            if room == 0 {
                return Ok(Swept::Until(stream.name));
            }
        }
        Ok(Swept::All)
    }
}
