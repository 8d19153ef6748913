//! Stored records, and the rules of buckets and objects as functions on a transaction.

mod bucket;
mod checksum;
mod owner;
mod part;
mod token;

pub(crate) use bucket::{Access, Bucket, BucketName, at, delete, find, is_empty, list, save};
pub(crate) use checksum::Checksum;
pub(crate) use owner::Owner;
pub(crate) use part::{Body, Part};
pub(crate) use token::Token;
