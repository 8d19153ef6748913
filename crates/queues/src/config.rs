//! Limits and defaults, as the Amazon SQS Developer Guide gives them ("Amazon SQS quotas",
//! "SetQueueAttributes").

use std::{ops::RangeInclusive, time::Duration};

/// A queue's name has at most this many characters.
pub const QUEUE_NAME_CHARS: usize = 80;
/// Entries in one batch request.
pub const BATCH_ENTRIES: usize = 10;
/// Bytes of body and attributes in one message, and in one batch request.
pub const MESSAGE_BYTES: u64 = 1_048_576;
/// Characters of an entry's id in a batch.
pub const BATCH_ENTRY_ID_CHARS: usize = 80;
/// Attributes that one message can have.
pub const MESSAGE_ATTRIBUTES: usize = 10;
/// A message attribute's name has at most this many bytes.
pub const ATTRIBUTE_NAME_BYTES: usize = 256;
/// A message attribute's type has fewer bytes than this.
pub const ATTRIBUTE_TYPE_BYTES: usize = 256;
/// A statement of `AddPermission` names at most this many actions.
pub const PERMISSION_ACTIONS: usize = 7;
/// Tags that one queue can have.
pub const TAGS: usize = 50;
/// Characters of a tag's key.
pub const TAG_KEY_CHARS: RangeInclusive<usize> = 1..=128;
/// Characters of a tag's value, at most.
pub const TAG_VALUE_CHARS: usize = 256;
/// Time between two purges of one queue.
pub const PURGE_INTERVAL: Duration = Duration::from_secs(60);
/// Seconds that a delivery can be delayed.
pub const DELAY_SECONDS: RangeInclusive<u32> = 0..=900;
/// Bytes that `MaximumMessageSize` can be set to.
pub const MAXIMUM_MESSAGE_SIZE: RangeInclusive<u32> = 1_024..=1_048_576;
/// Seconds that a message can be kept.
pub const RETENTION_SECONDS: RangeInclusive<u32> = 60..=1_209_600;
/// Seconds that a receive can wait.
pub const WAIT_SECONDS: RangeInclusive<u32> = 0..=20;
/// Seconds that a received message can be hidden.
pub const VISIBILITY_SECONDS: RangeInclusive<u32> = 0..=43_200;
/// Receives before a message goes to its dead-letter queue.
pub const MAX_RECEIVE_COUNT: RangeInclusive<u32> = 1..=1_000;
/// Messages of one receive.
pub const RECEIVE_MESSAGES: RangeInclusive<u32> = 1..=10;
/// Names in one page of a list.
pub const LIST_RESULTS: RangeInclusive<u32> = 1..=1_000;

/// How long a FIFO queue knows the messages that it took from those that repeat them.
pub const DEDUPLICATION_INTERVAL: Duration = Duration::from_secs(300);
/// How long a receive of a FIFO queue can be tried again under its `ReceiveRequestAttemptId`.
pub const ATTEMPT_INTERVAL: Duration = Duration::from_secs(300);
/// Characters of `MessageGroupId`, `MessageDeduplicationId` and `ReceiveRequestAttemptId`.
pub const FIFO_ID_CHARS: RangeInclusive<usize> = 1..=128;

/// Messages of a queue that may be in flight, approximately.
pub const IN_FLIGHT_MESSAGES: u64 = 120_000;
/// Seconds that a data key of KMS may be used.
pub const DATA_KEY_SECONDS: RangeInclusive<u32> = 60..=86_400;
/// The name of the KMS key that is SQS's own.
pub const KMS_KEY: &str = "alias/aws/sqs";

/// Default of `KmsDataKeyReusePeriodSeconds`.
pub const DEFAULT_DATA_KEY_SECONDS: u32 = 300;
/// Default of `MessageRetentionPeriod`: four days.
pub const DEFAULT_RETENTION_SECONDS: u32 = 345_600;
/// Default of `VisibilityTimeout`.
pub const DEFAULT_VISIBILITY_SECONDS: u32 = 30;

/// Ready messages, or groups of a FIFO queue, that a receiver looks at, so that receivers side by side pick different ones.
pub(crate) const READY_WINDOW: usize = 80;
/// How long a count of the messages in flight is good, beside what this process receives.
pub(crate) const IN_FLIGHT_COUNT_AGE: Duration = Duration::from_secs(2);
/// How long hidden messages that have become visible may wait for a receiver to look for them.
pub(crate) const PROMOTION_INTERVAL: Duration = Duration::from_millis(100);
/// The cursor of hidden messages stays this far behind the time, where transactions that are still
/// open (5 seconds at most) hide nothing any more, so that they rarely meet it.
pub(crate) const CURSOR_LAG: Duration = Duration::from_secs(10);
/// That cursor is written when it can move this far.
pub(crate) const CURSOR_STEP: Duration = Duration::from_secs(2);
/// The same, where it would be all that a transaction writes.
pub(crate) const IDLE_CURSOR_STEP: Duration = Duration::from_secs(300);
/// Bytes that one receive copies into a dead-letter queue before it leaves the rest to the next.
pub(crate) const DEAD_LETTER_BYTES: u64 = 4 << 20;
/// A receiver that waits looks again after this time, whatever woke it or not: a watch is a hint,
/// and messages that were hidden since it began to wait wake nobody.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// What a mapping reads from a FIFO queue is hidden for this long at least: its poller begins to hold
/// it only after two seconds, and until then nobody else may get the group. As long as the router's
/// `HOLD`, so that failed messages come back as late as if they had been held once.
pub(crate) const MAPPING_VISIBILITY: Duration = Duration::from_secs(6);
/// A receive that does not wait looks behind expired messages and dead letters this many times.
pub(crate) const LOOKS: u32 = 64;
/// Time between two looks for expired messages of one queue.
pub(crate) const EXPIRE_INTERVAL: Duration = Duration::from_secs(600);
/// Keys that one step of a background job touches; messages that one drops.
pub(crate) const JOB_STEP: usize = 1_000;
/// Groups of a FIFO queue that one step of the background job looks at.
pub(crate) const JOB_GROUPS: usize = 100;
/// Keys that such a step reads at a time: their values may be messages of full length, or it may need
/// one only.
pub(crate) const JOB_PAGE: usize = 20;
