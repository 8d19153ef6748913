//! Objects: Amazon S3, general purpose buckets.
//!
//! What it does: buckets; objects with metadata, tags, checksums, conditions and versions; multipart
//! uploads; lists; upload events to queues and functions in the object's own transaction; bucket
//! policies, public access blocks, tags, encryption, lifecycles and CORS rules of buckets; Object
//! Lock; forms that browsers post.
//!
//! What it does not: ACLs (buckets are as those of today, `BucketOwnerEnforced`: reading one tells
//! the owner's full control, setting another is refused), customer keys and
//! KMS keys of the account's own, storage classes beside `STANDARD`, `SelectObjectContent`,
//! replication, website hosting, access logs and acceleration, which are refused by name; that a
//! bucket has none of the last four is told.
//!
//! Invariants:
//! * A put is durable before it is acknowledged: the body first (in the same commit, or as a blob
//!   whose intent was committed before its first byte), then the version that refers to it.
//! * A version never changes its bytes. A blob that nothing refers to is collected after a grace.
//! * A conditional write reads the current version in the transaction that replaces it, so it has
//!   one winner.
//! * A version and the events that it causes are one transaction.
//! * Keys order by the bytes of their UTF-8; a list passes a common prefix with one seek.

pub mod config;
mod content;
mod cross_origin;
mod digests;
mod error;
mod events;
mod expire;
mod intake;
mod jobs;
mod keys;
mod model;
mod ops;
mod records;
mod request;
mod resources;
mod settings;
mod to_object;
mod unset;

pub use error::Error;
pub use ops::operations;
pub use records::records;

use blob::Blobs;
use clock::Ids;
use service::{Definition, Platform};
use std::sync::Arc;

/// What the service is built from.
pub struct Parts {
    /// What all services share.
    pub platform: Arc<Platform>,
    /// Where bodies larger than [`config::INLINE_BYTES`] lie.
    pub blobs: Blobs,
    /// For what no request asked for: background work.
    pub ids: Ids,
}

/// The object service. All that counts is in the store and in the blobs.
pub struct Objects {
    platform: Arc<Platform>,
    blobs: Blobs,
    ids: Ids,
}

impl Objects {
    /// The service of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { platform, blobs, ids } = parts;
        Arc::new(Self { platform, blobs, ids })
    }
}

/// The service as the composition root registers it.
#[must_use]
pub fn definition(objects: &Arc<Objects>) -> Definition {
    let model = include_str!("../model.json");
    let mut definition = Definition::new("s3", model, operations(objects));
    definition.violations = error::from_violations;
    definition.digests = Some(digests::check);
    definition.cross_origin = Some(Arc::new(cross_origin::BucketCors(objects.clone())));
    definition.resources = resources::providers(objects);
    definition.jobs = jobs::all(objects);
    definition
}
