//! Large bytes: immutable blobs under random ids, over the `object_store` crate: in a folder of
//! this host, or in any object storage that speaks S3.
//!
//! A blob lives outside of the store and its references inside. So that neither a crash nor a
//! transaction that fails leaves a blob without an owner, its life is:
//!
//! ```text
//! transaction: Blobs::intend    the intent is durable before the first byte
//! Blobs::begin_upload, upload_stream, upload
//!                               the bytes, synced to the disk before it answers
//! transaction: Blobs::adopt     the intent goes in the commit that writes the reference
//! transaction: Blobs::intend    again, in the commit that removes the last reference
//! Blobs::collect                a job, after a grace: deletes what still has an intent
//! ```
//!
//! Whoever intends also makes the job that collects: this crate knows no jobs.
//!
//! Invariants:
//! * A blob that was adopted is not collected, and one that is being collected cannot be adopted:
//!   both read and write the intent.
//! * A blob never changes; an id is used once.
//! * What an upload that was dropped, failed or died has left, an intent names: [`Blobs::collect`]
//!   removes it.
//! * Neither an upload nor a read holds more than a few parts of a blob in memory.
//! * A sealed blob ([`Encryption::Sealed`]) is ciphertext wherever it lies: frames of
//!   [`FRAME_BYTES`], each authenticated with its place, under a key that follows from the master
//!   key, the blob's id and a salt that its [`BlobRef`] keeps. A frame that was changed, moved or
//!   cut off, or taken from another blob, is refused; a range opens only the frames that it needs.

mod blobs;
mod error;
mod http;
mod id;
mod list;
mod read;
mod s3;
mod seal;
mod storage;
mod upload;

#[cfg(test)]
mod tests;

pub use blobs::{Blobs, check_entry};
pub use error::Error;
pub use id::{BlobId, BlobRef, Encryption};
pub use list::{Listed, PAGES};
pub use read::BlobStream;
pub use s3::S3Place;
pub use seal::FRAME_BYTES;
pub use upload::{MAX_BLOB_BYTES, Upload};
