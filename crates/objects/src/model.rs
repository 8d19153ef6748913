//! Stored records, and the rules of buckets and objects as functions on a transaction.

mod acl;
mod assemble;
mod bucket;
mod bucket_policy;
mod bucket_tags;
mod checksum;
mod conditions;
mod copy_source;
mod cors;
mod encryption;
mod headers;
mod lifecycle;
mod list_input;
mod listed;
mod listing;
mod lock;
mod notification;
mod notification_document;
mod object;
mod objects;
mod owner;
mod ownership;
mod part;
mod post_form;
mod post_policy;
mod public_access;
mod range;
mod read;
mod split;
mod tags;
mod token;
mod upload;
mod version_id;
mod versions;

pub(crate) use acl::{AccessControlPolicy, SetAcl, refuse_grants};
pub(crate) use assemble::{Completed, check_assembled};
pub(crate) use bucket::{
    Access, Bucket, BucketName, Versioning, at, delete, find, is_empty, list, named, save,
};
pub(crate) use bucket_policy::{check_policy, no_policy};
pub(crate) use bucket_tags::BucketTags;
pub(crate) use checksum::{Algorithm, Checksum, ChecksumMembers, Hasher, Kind, of_parts};
pub(crate) use conditions::{Date, ReadConditions, check_write};
pub(crate) use copy_source::{CopySource, SourceOptions};
pub(crate) use cors::Cors;
pub(crate) use encryption::{BucketEncryption, EncryptionDocument, KMS};
pub(crate) use headers::{Headers, NewObject};
pub(crate) use lifecycle::{Lifecycle, LifecycleDocument, midnight};
pub(crate) use list_input::ListInput;
pub(crate) use listed::{CommonPrefix, Listed, ListedMarker};
pub(crate) use listing::{Encoding, Next, Page, Query, Read, limit};
pub(crate) use lock::{
    BucketLock, Bypass, Lock, LockDocument, Retention, RetentionDocument, check_lock, legal_hold,
    locked, needs_lock, no_lock,
};
pub(crate) use notification::{Action, FilterRule, Notifications, Rule};
pub(crate) use notification_document::NotificationDocument;
pub(crate) use object::{Content, Object, Version, check_key, quoted};
pub(crate) use objects::{list_current, list_versions};
pub(crate) use owner::Owner;
pub(crate) use ownership::{ENFORCED, Ownership, OwnershipControls, OwnershipRule};
pub(crate) use part::{Body, Part};
pub(crate) use post_form::PostForm;
pub(crate) use post_policy::PostPolicy;
pub(crate) use public_access::{PublicAccess, PublicAccessBlock, is_public};
pub(crate) use read::{ENCRYPTION, ReadInput, Reply};
pub(crate) use split::{Shared, Split};
pub(crate) use tags::{Tag, Tagging};
pub(crate) use token::Token;
pub(crate) use upload::{
    Upload, check_part_number, find_upload, new_upload_key, read_upload_id, upload_id,
};
pub(crate) use version_id::VersionId;
pub(crate) use versions::{
    Change, Deleted, Work, current, find as find_version, lock_of, set_lock, wanted, wanted_object,
};
