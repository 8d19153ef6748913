//! Limits and defaults, as the Amazon CloudWatch Logs User Guide ("CloudWatch Logs quotas") and
//! API reference ("PutLogEvents", "GetLogEvents", "FilterLogEvents") give them.

use std::time::Duration;

/// Bytes that every event counts beside its message.
pub const EVENT_OVERHEAD_BYTES: usize = 26;
/// Bytes of one event with its overhead.
pub const EVENT_BYTES: usize = 1_048_576;
/// Bytes of one batch with the overhead of its events.
pub const BATCH_BYTES: usize = 1_048_576;
/// The time that one batch may span.
pub const BATCH_SPAN: Duration = Duration::from_secs(24 * 60 * 60);
/// How far in the future an event may lie.
pub const EVENT_FUTURE: Duration = Duration::from_secs(2 * 60 * 60);
/// How far in the past an event may lie.
pub const EVENT_PAST: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Events in one page.
pub const PAGE_EVENTS: usize = 10_000;
/// Bytes of messages in one page, with the overhead of its events.
pub const PAGE_BYTES: usize = 1_048_576;
/// Groups or streams in one page of a description.
pub const DESCRIBE_LIMIT: usize = 50;
/// Tags of one group.
pub const TAGS: usize = 50;
/// Values of `RetentionInDays`.
pub const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// Events that one transaction writes.
pub const APPEND_EVENTS: usize = 5_000;
/// Bytes of messages that one record holds, unless a single message is larger.
pub const RECORD_BYTES: usize = 256 * 1024;
/// Records that one read of a stream takes.
pub(crate) const READ_RECORDS: usize = 32;
/// Streams that one search may have to look at.
pub const SEARCH_STREAMS: usize = 10_000;
/// Bytes of messages that one page of a search looks at; the next page goes on. A page is one
/// transaction, which must end in its time on a slow host too.
pub const SEARCH_BYTES: usize = 4 * 1024 * 1024;
/// Bytes that one search keeps in memory of streams whose turn has not come.
pub(crate) const SEARCH_BUFFER_BYTES: usize = 16 * 1024 * 1024;

/// Time between two looks for expired events of one group.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Streams that one step of the sweep looks at.
pub(crate) const SWEEP_STREAMS: usize = 100;
/// Keys that one step of a job deletes.
pub(crate) const JOB_KEYS: usize = 500;

/// How long the writer gathers lines before it stores them.
pub const WRITER_LINGER: Duration = Duration::from_millis(100);
/// Bytes of lines at which the writer stores them without waiting.
pub const WRITER_BATCH_BYTES: usize = 256 * 1024;
/// Bytes of lines in one of the writer's transactions.
pub const WRITER_TRANSACTION_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of lines that the writer keeps in memory; lines beyond are counted and dropped.
pub const WRITER_BUFFER_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of lines of one group among these: a group that is flooded leaves room for the others.
pub const WRITER_GROUP_BYTES: usize = WRITER_BUFFER_BYTES / 4;
/// The first pause of the writer when the store fails; it doubles up to [`WRITER_PAUSE_MAX`].
pub const WRITER_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause of the writer when the store fails.
pub const WRITER_PAUSE_MAX: Duration = Duration::from_secs(10);
/// Groups that roles may not write to, which the writer remembers so as to warn once of each.
pub(crate) const WRITER_REFUSALS: usize = 10_000;
/// How often the writer tries to store lines that fail for another reason than a store that is
/// away; then it drops them.
pub const WRITER_ATTEMPTS: u32 = 5;
