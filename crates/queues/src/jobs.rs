//! Background work: clearing what a deleted or purged queue leaves, and dropping expired messages.

use crate::{
    config,
    keys::{self, StoreId},
    model::{Message, Place, Queue},
};
use clock::SharedClock;
use futures_util::future::BoxFuture;
use kv::{Range, Scan, Store, Transaction};
use serde_json::{Value, json};
use service::{
    Context, Fault, Job, Next,
    job::{self, JobRecord},
};
use std::time::Duration;

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

    async fn clear_some(&self, store: &StoreId) -> Result<Next, Fault> {
        let mut tx = self.0.begin();
        let mut deleted = 0;
        for range in keys::everything(store) {
            let entries =
                tx.scan(&range, Scan::first(config::JOB_STEP - deleted).snapshot()).await?;
            deleted += entries.len();
            for entry in entries {
                tx.delete(entry.key)?;
            }
            if deleted == config::JOB_STEP {
                break;
            }
        }
        tx.commit().await?;
        if deleted < config::JOB_STEP {
            return Ok(Next::Done);
        }
        let cursor = json!({"store": store});
        Ok(Next::Again { cursor, after: Duration::ZERO })
    }
}

impl Job for Clear {
    fn kind(&self) -> &'static str {
        CLEAR
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move { self.clear_some(&store_of(&record.cursor)?).await })
    }
}

/// Deletes ready messages that are older than their queue keeps them. Hidden ones are looked at
/// when they become visible.
pub(crate) struct Expire {
    store: Store,
    clock: SharedClock,
}

impl Expire {
    pub(crate) fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }

    async fn expire_some(&self, cursor: &Value) -> Result<Next, Fault> {
        let id = store_of(cursor)?;
        let mut tx = self.store.begin();
        let key = keys::queue(&id.account, &id.region, &id.name);
        let queue: Option<Queue> = tx.get_record(&key).await?;
        let Some(queue) = queue.filter(|queue| queue.store == id) else {
            return Ok(Next::Done);
        };
        let oldest = self.clock.now() - Duration::from_secs(queue.retention_seconds.into());
        let cursor_key = keys::ready_cursor(&id);
        let mut range = Range::prefix(&keys::ready(&id));
        if let Some(start) = tx.get_snapshot(&cursor_key).await? {
            range = Range::new(start, range.end);
        }
        let entries = tx.scan(&range, Scan::first(config::JOB_STEP)).await?;
        let mut expired = 0;
        for entry in &entries {
            let place: Place = kv::decode_record(&entry.value)?;
            let body = keys::body(&id, &place.id);
            let message: Option<Message> = tx.get_record_snapshot(&body).await?;
            // Ready messages lie in the order in which they were sent or came back: the first
            // that is young enough ends the look.
            if message.is_some_and(|message| message.sent > oldest) {
                break;
            }
            tx.delete(entry.key.clone())?;
            tx.delete(body)?;
            tx.add(keys::total(&id), -1)?;
            expired += 1;
        }
        tx.commit().await?;
        let more = expired == config::JOB_STEP;
        let after = if more { Duration::ZERO } else { config::EXPIRE_INTERVAL };
        Ok(Next::Again { cursor: cursor.clone(), after })
    }
}

impl Job for Expire {
    fn kind(&self) -> &'static str {
        EXPIRE
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move { self.expire_some(&record.cursor).await })
    }
}
