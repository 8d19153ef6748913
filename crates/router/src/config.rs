//! Every limit and interval of the router.

use std::time::Duration;

/// Deliveries that are tried at once. Above the account's concurrency of functions (1,000), so
/// that a function which is slow does not keep others waiting here: functions say themselves when
/// they are busy.
pub const DELIVERIES_AT_ONCE: usize = 1_024;
/// Jobs that take a step at once.
pub const JOBS_AT_ONCE: usize = 16;
/// Records that one transaction claims.
pub const CLAIM_RECORDS: usize = 16;
/// Bytes of records that one transaction claims, beyond the first record.
pub const CLAIM_BYTES: usize = 4 * 1024 * 1024;
/// How long what one process works on is left alone by the others after that process was heard of
/// for the last time.
pub const LEASE: Duration = Duration::from_secs(30);
/// How often a process renews the lease of what it works on. A renewal writes the record again.
pub const RENEWAL: Duration = Duration::from_secs(10);
/// How long one delivery or the steps of one job may take: longer than the longest invocation, its
/// start, and all steps that follow each other at once.
pub const WORK_MAX: Duration = Duration::from_secs(60 * 60);
/// Records of a batch that one transaction settles or holds; each takes three keys of it.
pub const SETTLE_RECORDS: usize = 1_000;
/// A delivery that a transactional target has refused for this long is given up, unless it says
/// another age itself.
pub const REFUSED_DELIVERY_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause after the first failure; it doubles with every further one.
pub const BACKOFF_BASE: Duration = Duration::from_secs(1);
/// The longest pause between attempts.
pub const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// A watch is only a hint: how long the router waits at most before it looks again at what is due
/// and at mappings.
pub const FALLBACK: Duration = Duration::from_secs(30);
/// New records are due at the time of their request. One that commits later than this after its
/// time is found by the next look from the start of the range, at most [`FALLBACK`] later.
pub const LATE_COMMIT: Duration = Duration::from_secs(10);

/// Invocations at once with which a mapping begins ("Amazon SQS event source scaling").
pub const MAPPING_CONCURRENCY: u32 = 5;
/// Invocations at once that a mapping reaches at most without `MaximumConcurrency`.
pub const MAPPING_MAX_CONCURRENCY: u32 = 1_000;
/// Invocations at once that a busy mapping adds every second (300 a minute).
pub const MAPPING_GROWTH: u32 = 5;
/// Records that one read takes from a source.
pub const READ_RECORDS: u32 = 10;
/// Bytes of an invocation's payload (a synchronous invocation's limit).
pub const PAYLOAD_BYTES: usize = 6 * 1024 * 1024;
/// How long an idle mapping waits at most before it reads its source again.
pub const IDLE_READ: Duration = Duration::from_secs(20);
/// The longest pause of a mapping that cannot read or invoke.
pub const MAPPING_BACKOFF_MAX: Duration = Duration::from_secs(60);
/// How long a batch that a function works on stays hidden from others after its poller was heard of
/// for the last time: shorter than what queues hide by default, so that it does not delay what failed.
pub const HOLD: Duration = Duration::from_secs(6);
/// How often a poller hides the batches again that functions work on.
pub const HOLD_RENEWAL: Duration = Duration::from_secs(2);
/// How often settling a batch is tried before the batch is left to come again.
pub const SETTLE_ATTEMPTS: u32 = 5;
/// Mappings that one node serves.
pub const MAPPINGS: usize = 10_000;
