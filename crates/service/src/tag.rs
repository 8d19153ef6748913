//! The table of key tags: every key in the store begins with one of these.
//!
//! A tag is assigned once and never reused, not even after its service is gone. Each service has a
//! block of 32; within it the service's `keys.rs` says what each tag holds.

use kv::Tag;

/// The store itself: format level, account settings.
pub const META: Tag = Tag(0x0001);
/// Deliveries by due time. See [`crate::delivery`].
pub const DELIVERY: Tag = Tag(0x0020);
/// Payloads that several deliveries share.
pub const DELIVERY_PAYLOAD: Tag = Tag(0x0021);
/// Event source mappings by id. See [`crate::mapping`].
pub const MAPPING: Tag = Tag(0x0022);
/// Changes whenever a mapping changes: what the router watches.
pub const MAPPING_VERSION: Tag = Tag(0x0023);
/// Blobs that nothing refers to. See crate `blob`.
pub const BLOB: Tag = Tag(0x0060);
/// Jobs by due time.
pub const JOB: Tag = Tag(0x0040);

/// First tag of the block of `iam`.
pub const IAM: u16 = 0x0100;
/// First tag of the block of `queues`.
pub const QUEUES: u16 = 0x0120;
/// First tag of the block of `tables`.
pub const TABLES: u16 = 0x0140;
/// First tag of the block of `functions`.
pub const FUNCTIONS: u16 = 0x0160;
/// First tag of the block of `logs`.
pub const LOGS: u16 = 0x0180;
/// First tag of the block of `stacks`.
pub const STACKS: u16 = 0x01a0;
/// First tag of the block of `objects`.
pub const OBJECTS: u16 = 0x01c0;
/// First tag of the block of `secrets`.
pub const SECRETS: u16 = 0x01e0;
