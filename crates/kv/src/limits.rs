//! The limits of keys, values and transactions, equal on every engine.

use std::time::Duration;

/// The longest key, in bytes. (A PostgreSQL B-tree entry ends at 2,704.)
pub const KEY_BYTES: usize = 2_560;

/// The longest value, in bytes.
pub const VALUE_BYTES: usize = 2 * 1024 * 1024;

/// The most bytes, keys and values together, that one transaction may write.
pub const TRANSACTION_BYTES: usize = 10 * 1024 * 1024;

/// The most keys that one transaction may write, and the most keys and ranges that it may track.
pub const TRANSACTION_KEYS: usize = 10_000;

/// The longest time between a transaction's first read and its commit.
pub const TRANSACTION_TIME: Duration = Duration::from_secs(5);
