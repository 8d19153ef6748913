//! Jobs: background work as durable records, advanced in bounded steps until it is done.
//!
//! `tag, account, region, due (u64 ms), id (16 bytes)` → [`JobRecord`]; claimed and leased like a
//! [delivery](crate::delivery).

use crate::{Fault, tag};
use futures_util::future::BoxFuture;
use kv::{Key, KeyBuilder, Range, Record, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use types::{AccountId, Region, RequestId, Timestamp};

/// One job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// Unique.
    pub id: RequestId,
    /// Which [`Job`] advances it, `stacks.deploy`.
    pub kind: String,
    /// How far it is; belongs to the job.
    pub cursor: Value,
    /// Steps in a row that failed.
    pub attempts: u32,
    /// When it was made.
    pub created: Timestamp,
}

impl Record for JobRecord {
    const VERSION: u8 = 1;
}

/// What comes after a step.
pub enum Next {
    /// Nothing: the job is removed.
    Done,
    /// Another step, with this cursor, after this time.
    Again {
        /// How far it is now.
        cursor: Value,
        /// How long to wait.
        after: Duration,
    },
}

/// A kind of background work.
pub trait Job: Send + Sync + 'static {
    /// Its name in [`JobRecord::kind`]: `service.verb`.
    fn kind(&self) -> &'static str;

    /// One bounded step. It may run again after a crash, so it must find its own traces.
    ///
    /// # Errors
    /// A fault; the step is tried again with backoff.
    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>>;
}

/// The range of all jobs of one account and region.
#[must_use]
pub fn all(account: &AccountId, region: &Region) -> Range {
    Range::prefix(&prefix(account, region).build())
}

/// The key of a job that is due at `due`.
#[must_use]
pub fn key(account: &AccountId, region: &Region, due: Timestamp, id: &RequestId) -> Key {
    prefix(account, region).u64(due.as_millis()).fixed16(id.as_bytes()).build()
}

fn prefix(account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tag::JOB).str(account.as_str()).str(region.as_str())
}

/// Makes a job that is due at `due`, in the transaction that needs it.
///
/// # Errors
/// The store's.
pub fn enqueue(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    due: Timestamp,
    record: &JobRecord,
) -> Result<(), kv::Error> {
    tx.put_record(key(account, region, due, &record.id), record)
}
