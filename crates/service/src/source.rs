use crate::{Caller, Fault};
use futures_util::future::BoxFuture;
use kv::{Key, Transaction};
use serde_json::Value;
use types::{Arn, Timestamp};

/// One record of a batch.
pub struct SourceRecord {
    /// How the function names it in its list of failures: a message id, a sequence number.
    pub id: String,
    /// The record in the form that the function expects.
    pub event: Value,
    /// How the source knows it again.
    pub handle: String,
    /// Records of one group must be handled in the order in which they are read; others need not.
    pub group: Option<String>,
    /// The trace header of what it comes from.
    pub trace: Option<String>,
}

/// How much to read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// At most this many records.
    pub limit: u32,
    /// Records of one group only, where there are groups.
    pub one_group: bool,
}

/// What a read gave.
pub struct Batch {
    /// The records; empty if there are none.
    pub records: Vec<SourceRecord>,
    /// When to look again although nothing changes: a delayed or hidden record becomes visible.
    pub next: Option<Timestamp>,
}

/// Where event source mappings read from.
pub trait Source: Send + Sync + 'static {
    /// The service in the ARNs that it answers for.
    fn service(&self) -> &'static str;

    /// The key prefix that changes when new records arrive.
    fn watch_key(&self, source: &Arn) -> Key;

    /// Whether records of this source have groups. Nobody else is given records of a group of which
    /// somebody has some.
    fn is_ordered(&self, _source: &Arn) -> bool {
        false
    }

    /// Takes records, as many as are wanted, and hides them from others for as long as the source does, as
    /// `caller`.
    ///
    /// # Errors
    /// The source is gone, or the caller may not read it.
    fn receive<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        source: &'a Arn,
        wanted: Wanted,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Batch, Fault>>;

    /// An event as the patterns of a mapping see it: data that the source carries as a text may be
    /// JSON.
    fn for_patterns(&self, event: &Value) -> Value {
        event.clone()
    }

    /// Since when a record waits there, as its event says; `None` if it does not.
    fn waits_since(&self, _event: &Value) -> Option<Timestamp> {
        None
    }

    /// Hides the records with these handles until `until` at least, those that another has taken
    /// excepted.
    ///
    /// # Errors
    /// As [`Source::receive`].
    fn hold<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        source: &'a Arn,
        handles: &'a [String],
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Fault>>;

    /// The records with these handles are done; the others of the batch come back when the source
    /// no longer hides them, or at once if the source can.
    ///
    /// # Errors
    /// As [`Source::receive`].
    fn settle<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        source: &'a Arn,
        done: &'a [String],
        failed: &'a [String],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Fault>>;
}
