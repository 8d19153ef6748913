//! Background work: removing the items of deleted tables.

use crate::{
    config,
    keys::{self, Id},
};
use futures_util::future::BoxFuture;
use kv::{Scan, Store, Transaction};
use serde_json::{Value, json};
use service::{Context, Fault, Job, JobRecord, Next, job};
use std::time::Duration;

const CLEAR: &str = "tables.clear";

/// Removes what lies under the store of a deleted table, some items in each step.
pub(crate) struct Clear(Store);

impl Clear {
    pub(crate) fn new(store: Store) -> Self {
        Self(store)
    }

    async fn clear(&self, record: &JobRecord) -> Result<Next, Fault> {
        let id = table_store(&record.cursor)
            .ok_or_else(|| Fault::internal("a clearing job without a table's store"))?;
        let mut tx = self.0.begin();
        // Nobody writes here any more: the table's record, which writers track, is gone.
        let scan = Scan::first(config::CLEAR_STEP).snapshot();
        let entries = tx.scan(&keys::items(&id), scan).await?;
        let is_end = entries.len() < config::CLEAR_STEP;
        for entry in entries {
            tx.delete(entry.key)?;
        }
        if is_end {
            tx.delete(keys::count(&id))?;
            tx.delete(keys::bytes(&id))?;
        }
        tx.commit().await?;
        if is_end {
            return Ok(Next::Done);
        }
        Ok(Next::Again { cursor: record.cursor.clone(), after: Duration::ZERO })
    }
}

impl Job for Clear {
    fn kind(&self) -> &'static str {
        CLEAR
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(self.clear(record))
    }
}

/// Makes the job that clears a table's store, in the transaction that deletes the table.
pub(crate) fn clear_later(
    ctx: &Context,
    tx: &mut Transaction,
    store: &Id,
) -> Result<(), kv::Error> {
    let record = JobRecord {
        id: ctx.ids().uuid(),
        kind: CLEAR.to_owned(),
        cursor: json!({ "store": hex::encode(store) }),
        attempts: 0,
        created: ctx.now,
    };
    job::enqueue(tx, ctx.account(), &ctx.region, ctx.now, &record)
}

fn table_store(cursor: &Value) -> Option<Id> {
    let mut id = Id::default();
    hex::decode_to_slice(cursor.get("store")?.as_str()?, &mut id).ok()?;
    Some(id)
}
