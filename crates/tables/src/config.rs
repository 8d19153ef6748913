//! Limits, as the Amazon DynamoDB Developer Guide gives them ("Service, account, and table quotas",
//! "Constraints"). Those of items and expressions are in [`expression::limits`].

use std::ops::RangeInclusive;

/// Characters in a table's name.
pub const TABLE_NAME_CHARS: RangeInclusive<usize> = 3..=255;
/// Tables in one account and region.
pub const TABLES: usize = 2_500;
/// Read, and write, capacity units that all tables of an account and region can have.
pub const ACCOUNT_UNITS: u64 = 80_000;
/// Read, and write, capacity units that one table can have.
pub const TABLE_UNITS: u64 = 40_000;
/// The largest number that a request may name as capacity units.
pub const MAX_UNITS: u64 = 1_000_000_000_000;
/// Tags that one table can have.
pub const TAGS: usize = 50;
/// Characters of a tag's key.
pub const TAG_KEY_CHARS: RangeInclusive<usize> = 1..=128;
/// Characters of a tag's value, at most.
pub const TAG_VALUE_CHARS: usize = 256;
/// Names in one page of a list, at most and by default.
pub const LIST_NAMES: usize = 100;
/// Bytes of items that one page of a query or scan evaluates.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// Keys in one batch of reads.
pub const BATCH_GET_KEYS: usize = 100;
/// Bytes of items that one batch of reads returns; the rest is unprocessed.
pub const BATCH_GET_BYTES: usize = 16 * 1024 * 1024;
/// Requests in one batch of writes.
pub const BATCH_WRITE_REQUESTS: usize = 25;
/// Bytes of one read capacity unit.
pub const READ_UNIT_BYTES: usize = 4 * 1024;
/// Bytes of one write capacity unit.
pub const WRITE_UNIT_BYTES: usize = 1024;

/// Bytes as stored that one batch writes; the rest is unprocessed. A transaction of the store ends
/// at 10 MiB, keys included, and one item has less than 1 MiB there.
pub(crate) const BATCH_WRITE_BYTES: usize = 8 * 1024 * 1024;
/// Entries that a page asks the store for at first; later from the sizes it met.
pub(crate) const FIRST_FETCH: usize = 32;
/// Entries that a page asks the store for at once, at most: what follows small items may be large,
/// and all of it is in memory together.
pub(crate) const MAX_FETCH: usize = 128;
/// Items of a deleted table that one step of the clearing job removes.
pub(crate) const CLEAR_STEP: usize = 1_000;
/// Decoded table records that are remembered.
pub(crate) const REMEMBERED_TABLES: usize = 1_024;
