//! Background work: clearing what a deleted or purged queue leaves, and dropping expired messages.

use crate::{
    config,
    keys::{self, StoreId},
    model::{self, Progress, Queue},
};
use clock::SharedClock;
use futures_util::future::BoxFuture;
use kv::{Key, Scan, Store, Transaction};
use serde_json::{Value, json};
use service::{
    Context, Fault, Job, Next, Transact,
    job::{self, JobRecord},
    transact,
};
use std::time::Duration;
use types::Timestamp;

const CLEAR: &str = "queues.clear";
const EXPIRE: &str = "queues.expire";

/// Makes the job that deletes everything of a store.
pub(crate) fn clear(ctx: &Context, tx: &mut Transaction, store: &StoreId) -> Result<(), kv::Error> {
    let cursor = json!({"store": store});
    enqueue(ctx, tx, CLEAR, cursor, Duration::ZERO)
}

/// Makes the job that looks for expired messages of a queue, for as long as it keeps its store.
pub(crate) fn expire(ctx: &Context, tx: &mut Transaction, queue: &Queue) -> Result<(), kv::Error> {
    let cursor = json!({"store": queue.store});
    enqueue(ctx, tx, EXPIRE, cursor, config::EXPIRE_INTERVAL)
}

fn enqueue(
    ctx: &Context,
    tx: &mut Transaction,
    kind: &str,
    cursor: Value,
    after: Duration,
) -> Result<(), kv::Error> {
    let record = JobRecord {
        id: ctx.ids().uuid(),
        kind: kind.to_owned(),
        cursor,
        attempts: 0,
        created: ctx.now,
    };
    job::enqueue(tx, ctx.account(), &ctx.region, ctx.now + after, &record)
}

fn store_of(cursor: &Value) -> Result<StoreId, Fault> {
    serde_json::from_value(cursor["store"].clone())
        .map_err(|error| Fault::internal(format!("a job's cursor names no store: {error}")))
}

/// Deletes everything of a store, some keys at a time.
pub(crate) struct Clear(Store);

impl Clear {
    pub(crate) fn new(store: Store) -> Self {
        Self(store)
    }

    /// Goes on behind the key `after`: what lies before it are tombstones.
    async fn clear_some(&self, store: &StoreId, after: Option<Key>) -> Result<Option<Key>, Fault> {
        let mut tx = self.0.begin();
        let mut last = after;
        let mut deleted = 0;
        for range in keys::everything(store) {
            loop {
                let rest = last.as_ref().map_or_else(|| range.clone(), |last| range.after(last));
                let page = Scan::first(config::JOB_PAGE).snapshot();
                let entries = tx.scan(&rest, page).await?;
                let Some(entry) = entries.last() else { break };
                last = Some(entry.key.clone());
                deleted += entries.len();
                for entry in entries {
                    tx.delete(entry.key)?;
                }
                if deleted >= config::JOB_STEP {
                    tx.commit().await?;
                    return Ok(last);
                }
            }
        }
        tx.commit().await?;
        Ok(None)
    }
}

impl Job for Clear {
    fn kind(&self) -> &'static str {
        CLEAR
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let store = store_of(&record.cursor)?;
            let after = match record.cursor["after"].as_str().map(hex::decode) {
                None => None,
                Some(Ok(key)) => Some(Key::from(key)),
                Some(Err(error)) => return Err(Fault::internal(error.to_string())),
            };
            Ok(match self.clear_some(&store, after).await? {
                None => Next::Done,
                Some(last) => Next::Again {
                    cursor: json!({"store": store, "after": hex::encode(last)}),
                    after: Duration::ZERO,
                },
            })
        })
    }
}

/// Deletes messages that are older than their queue keeps them and that nobody comes for.
pub(crate) struct Expire {
    store: Store,
    clock: SharedClock,
}

impl Expire {
    pub(crate) fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }
}

impl Job for Expire {
    fn kind(&self) -> &'static str {
        EXPIRE
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let progress = serde_json::from_value(record.cursor["progress"].clone());
            let some = ExpireSome {
                id: store_of(&record.cursor)?,
                now: self.clock.now(),
                progress: progress.unwrap_or_default(),
            };
            let Some((progress, is_more)) = transact(&self.store, &some).await? else {
                return Ok(Next::Done);
            };
            Ok(Next::Again {
                cursor: json!({"store": some.id, "progress": progress}),
                after: if is_more { Duration::ZERO } else { config::EXPIRE_INTERVAL },
            })
        })
    }
}

/// Drops some expired messages. The answer is whether there may be more, or nothing if the store is
/// no queue's.
struct ExpireSome {
    id: StoreId,
    now: Timestamp,
    /// Of FIFO queues only.
    progress: Progress,
}

impl Transact for ExpireSome {
    type Output = Option<(Progress, bool)>;

    async fn run(&self, tx: &mut Transaction) -> Result<Self::Output, Fault> {
        let StoreId { account, region, name, .. } = &self.id;
        let queue: Option<Queue> = tx.get_record(&keys::queue(account, region, name)).await?;
        let Some(queue) = queue.filter(|queue| queue.store == self.id) else { return Ok(None) };
        if queue.fifo.is_some() {
            return Ok(Some(model::expire_fifo(tx, &queue, self.now, &self.progress).await?));
        }
        let ready = model::expire_ready(tx, &queue, self.now).await?;
        let hidden = model::expire_hidden(tx, &queue, self.now).await?;
        Ok(Some((Progress::default(), ready.max(hidden) >= config::JOB_STEP)))
    }
}
