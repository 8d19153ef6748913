//! Event source mappings: which function reads from which source. The functions service writes
//! these records, the router acts on them.
//!
//! * `MAPPING, account, region, id (16 bytes)` → [`Mapping`]
//! * `MAPPING_VERSION, account, region` → a counter that every change adds to, which the router
//!   watches.

use crate::tag;
use kv::{Isolation, Key, KeyBuilder, Range, Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use types::{AccountId, Arn, Region, RequestId, Timestamp};

/// One mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its id, the `UUID` of the API.
    pub id: RequestId,
    /// The queue, table stream or stream.
    pub source: Arn,
    /// The function, with its qualifier if one was given.
    pub function: Arn,
    /// At most this many records in one invocation.
    pub batch_size: u32,
    /// How long to gather a batch, in seconds.
    pub window_seconds: u32,
    /// False while it is switched off.
    pub enabled: bool,
    /// True if the function's answer may name the items that failed.
    pub reports_item_failures: bool,
    /// At most this many invocations at once, if limited.
    pub max_concurrency: Option<u32>,
    /// Event patterns; a record that none of them is for is done without the function. Without
    /// patterns all are for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// The last change.
    pub modified: Timestamp,
}

impl Record for Mapping {
    const VERSION: u8 = 1;
}

fn prefix(account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tag::MAPPING).str(account.as_str()).str(region.as_str())
}

/// The key of one mapping.
#[must_use]
pub fn key(account: &AccountId, region: &Region, id: &RequestId) -> Key {
    prefix(account, region).fixed16(id.as_bytes()).build()
}

/// The key that changes with every mapping.
#[must_use]
pub fn version_key(account: &AccountId, region: &Region) -> Key {
    KeyBuilder::new(tag::MAPPING_VERSION).str(account.as_str()).str(region.as_str()).build()
}

/// Writes a mapping.
///
/// # Errors
/// The store's.
pub fn put(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    mapping: &Mapping,
) -> Result<(), kv::Error> {
    tx.put_record(key(account, region, &mapping.id), mapping)?;
    tx.add(version_key(account, region), 1)
}

/// Removes a mapping.
///
/// # Errors
/// The store's.
pub fn delete(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    id: &RequestId,
) -> Result<(), kv::Error> {
    tx.delete(key(account, region, id))?;
    tx.add(version_key(account, region), 1)
}

/// One mapping.
///
/// # Errors
/// The store's.
pub async fn get(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    id: &RequestId,
) -> Result<Option<Mapping>, kv::Error> {
    tx.get_record(&key(account, region, id)).await
}

/// All mappings, in the order of their ids, at most `limit`.
///
/// # Errors
/// The store's.
pub async fn list(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    limit: usize,
) -> Result<Vec<Mapping>, kv::Error> {
    let range = Range::prefix(&prefix(account, region).build());
    let scan = Scan { reverse: false, limit, isolation: Isolation::Snapshot };
    tx.scan(&range, scan).await?.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}
