//! Limits and defaults, as the Amazon S3 User Guide and API reference give them ("General purpose
//! bucket quotas", "Amazon S3 multipart upload limits", "Object key naming guidelines").

use std::{ops::RangeInclusive, time::Duration};

/// Characters of a bucket's name.
pub const BUCKET_NAME_CHARS: RangeInclusive<usize> = 3..=63;
/// Bytes of an object's key in UTF-8, at most.
pub const KEY_BYTES: usize = 1_024;
/// Bytes of user-defined metadata of one object, names and values together.
pub const METADATA_BYTES: usize = 2_048;
/// Tags of one object.
pub const OBJECT_TAGS: usize = 10;
/// Tags of one bucket, beside those of other services.
pub const BUCKET_TAGS: usize = 50;
/// Rules of one lifecycle, at most.
pub const LIFECYCLE_RULES: usize = 1_000;
/// Characters of a rule's id, at most.
pub const RULE_ID_CHARS: usize = 255;
/// Rules of one bucket for pages of other origins, at most.
pub const CORS_RULES: usize = 100;
/// Years that a bucket's default can lock its objects, at most.
pub const LOCK_YEARS: u32 = 100;
/// Bytes of a bucket policy without white space: 20 KB.
pub const POLICY_BYTES: usize = 20 * 1_024;
/// Characters of a tag's key.
pub const TAG_KEY_CHARS: RangeInclusive<usize> = 1..=128;
/// Characters of a tag's value, at most.
pub const TAG_VALUE_CHARS: usize = 256;
/// Bytes that one upload can bring: a whole object, a part, or a copy in one request. 5 GiB.
pub const UPLOAD_BYTES: u64 = 5 << 30;
/// Bytes of one object: 50 TB, as 10,000 parts of 5 GiB.
pub const OBJECT_BYTES: u64 = 10_000 * UPLOAD_BYTES;
/// Bytes of a body that is kept in the store, beside its record; larger ones are blobs.
pub const INLINE_BYTES: usize = 32 * 1024;
/// Bytes of a blob that are held in memory while its intent is written; more wait for that.
pub const INTENDED_BYTES: usize = (1 << 20) + (1 << 16);
/// Bytes of a part that is not the last, at least: 5 MiB.
pub const PART_BYTES: u64 = 5 << 20;
/// Numbers that parts can have.
pub const PART_NUMBERS: RangeInclusive<u32> = 1..=10_000;
/// Entries in one page of a list.
pub const LIST_KEYS: u32 = 1_000;
/// Buckets in one page of a list, at most.
pub const LIST_BUCKETS: RangeInclusive<u32> = 1..=10_000;
/// Objects that one `DeleteObjects` names, at most.
pub const DELETE_KEYS: usize = 1_000;
/// Configurations of one bucket's notifications, at most.
pub const NOTIFICATIONS: usize = 100;
/// Characters of the value of a notification's filter, at most.
pub const FILTER_CHARS: usize = 1_024;

/// How long a blob that nothing refers to is kept: longer than the longest upload and the longest
/// read.
pub(crate) const BLOB_GRACE: Duration = Duration::from_secs(24 * 3_600);
/// Events of one request that enter their queues in its transaction; the router delivers the rest.
pub(crate) const DIRECT_DELIVERIES: u32 = 16;
/// Entries of the store that one list looks at before it answers with a short page.
pub(crate) const LIST_SCAN: usize = 20_000;
/// Entries that a list reads at a time, at least and at most.
pub(crate) const LIST_BATCH: RangeInclusive<usize> = 32..=1_000;
/// Parts that a completion may leave out; they go in its transaction.
pub(crate) const UNLISTED_PARTS: usize = 1_000;
/// Keys that one step of a background job touches.
pub(crate) const JOB_STEP: usize = 500;
/// Entries that one step of a bucket's lifecycle looks at.
pub(crate) const EXPIRE_STEP: usize = 100;
/// Parts that are read at a time.
pub(crate) const PARTS_PAGE: usize = 1_000;
