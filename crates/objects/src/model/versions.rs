//! How versions come and go.
//!
//! The current version of a key lies at place 0; those before it behind it, newest first. While
//! versioning is off or suspended, writes replace the null version, of which there is one at most.

use super::{
    Action, Body, Bucket, Bypass, Content, Lock, Notifications, Object, Version, VersionId,
    Versioning, locked,
};
use crate::{Error, Objects, jobs, keys};
use kv::{Scan, Transaction};
use service::Context;
use std::sync::{OnceLock, atomic::AtomicU32};
use types::Tags;

/// A transaction at work on one bucket.
pub(crate) struct Work<'a> {
    pub(crate) objects: &'a Objects,
    pub(crate) ctx: &'a Context,
    pub(crate) bucket: &'a Bucket,
    /// Who wants to hear of it, once that was read.
    pub(crate) notifications: OnceLock<Notifications>,
    /// How many deliveries were made.
    pub(crate) delivered: AtomicU32,
}

/// What a deletion did.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Deleted {
    /// The id of the version that was removed, or of the delete marker that was made; only of
    /// buckets that have versions.
    pub(crate) version: Option<VersionId>,
    /// Whether that is a delete marker.
    pub(crate) marker: bool,
    /// What happened, if anything did.
    pub(crate) change: Option<Change>,
}

/// A version that came or went, as events tell it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) sequence: u64,
    /// Whether a delete marker was made.
    pub(crate) marker: bool,
}

/// The current version of a key; it may be a delete marker. Tracked.
pub(crate) async fn current(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
) -> Result<Option<Version>, kv::Error> {
    tx.get_record(&keys::version(&bucket.store, key, keys::CURRENT)).await
}

/// The version of an id, and its place.
pub(crate) async fn find(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
    id: VersionId,
) -> Result<Option<(u64, Version)>, kv::Error> {
    match current(tx, bucket, key).await? {
        Some(version) if version.id == id => return Ok(Some((keys::CURRENT, version))),
        None => return Ok(None),
        Some(_) => {}
    }
    let place = match id.place() {
        Some(place) => place,
        None => match null_place(tx, bucket, key).await? {
            Some(place) => place,
            None => return Ok(None),
        },
    };
    let version: Option<Version> = tx.get_record(&keys::version(&bucket.store, key, place)).await?;
    Ok(version.filter(|version| version.id == id).map(|version| (place, version)))
}

/// The version that a request asks for by its id's text, or the current one.
pub(crate) async fn wanted(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
) -> Result<Version, Error> {
    let Some(text) = id else {
        let version = current(tx, bucket, key).await?;
        return version.ok_or_else(|| Error::NoSuchKey(key.to_owned()));
    };
    let id = VersionId::wanted(text)?;
    let found = find(tx, bucket, key, id).await?;
    let gone = || Error::NoSuchVersion { key: key.to_owned(), version: text.to_owned() };
    found.map(|(_, version)| version).ok_or_else(gone)
}

/// The object that a request asks for, and the place of its version; no delete marker.
pub(crate) async fn wanted_object(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
) -> Result<(u64, Version), Error> {
    let version = wanted(tx, bucket, key, id).await?;
    match (&version.object, id) {
        (None, None) => Err(Error::NoSuchKey(key.to_owned())),
        (None, Some(_)) => Err(Error::MethodNotAllowed),
        (Some(_), None) => Ok((keys::CURRENT, version)),
        (Some(_), Some(_)) => {
            let found = find(tx, bucket, key, version.id).await?;
            found.ok_or_else(|| Error::NoSuchKey(key.to_owned()))
        }
    }
}

/// The lock of a version.
pub(crate) async fn lock_of(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
) -> Result<Lock, Error> {
    let (_, version) = wanted_object(tx, bucket, key, id).await?;
    Ok(version.object.map(|object| object.lock).unwrap_or_default())
}

/// Changes the lock of a version.
pub(crate) async fn set_lock(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
    change: impl FnOnce(&mut Lock) -> Result<(), Error>,
) -> Result<(), Error> {
    let (place, mut version) = wanted_object(tx, bucket, key, id).await?;
    if let Some(object) = &mut version.object {
        change(&mut object.lock)?;
    }
    Ok(tx.put_record(keys::version(&bucket.store, key, place), &version)?)
}

/// Where the null version lies, if it is there and not the current one.
async fn null_place(
    tx: &mut Transaction,
    bucket: &Bucket,
    key: &str,
) -> Result<Option<u64>, kv::Error> {
    let value = tx.get(&keys::null(&bucket.store, key)).await?;
    value
        .map(|value| match value[..].try_into() {
            Ok(bytes) => Ok(u64::from_be_bytes(bytes)),
            Err(_) => Err(kv::Error::Corrupt("the place of a null version".to_owned())),
        })
        .transpose()
}

impl<'a> Work<'a> {
    pub(crate) fn new(objects: &'a Objects, ctx: &'a Context, bucket: &'a Bucket) -> Self {
        let (notifications, delivered) = (OnceLock::new(), AtomicU32::new(0));
        Self { objects, ctx, bucket, notifications, delivered }
    }
}

impl Work<'_> {
    /// Writes a new version of `key` in place of `current`, which was read in this transaction.
    pub(crate) async fn put(
        &self,
        tx: &mut Transaction,
        key: &str,
        current: Option<Version>,
        object: Option<Object>,
    ) -> Result<Version, Error> {
        let object = object.map(|object| locked(self.bucket, object, self.ctx.now)).transpose()?;
        let sequence = next_sequence(tx, current.as_ref()).await?;
        let id = match self.bucket.versioning {
            Versioning::Enabled => VersionId::Made { sequence, random: self.ctx.ids().bytes() },
            Versioning::Off | Versioning::Suspended => VersionId::Null,
        };
        match current {
            Some(old) if old.id == VersionId::Null && id == VersionId::Null => {
                self.release(tx, &old)?;
            }
            Some(old) => {
                if id == VersionId::Null {
                    self.remove_null(tx, key).await?;
                }
                self.move_back(tx, key, &old)?;
            }
            None => {}
        }
        let version = Version { id, sequence, modified: self.ctx.now, object };
        tx.put_record(keys::version(&self.bucket.store, key, keys::CURRENT), &version)?;
        Ok(version)
    }

    /// Deletes as a request without a version id does: what can be had back gets a delete marker.
    pub(crate) async fn delete(
        &self,
        tx: &mut Transaction,
        key: &str,
        current: Option<Version>,
    ) -> Result<Deleted, Error> {
        if self.bucket.versioning != Versioning::Off {
            let made = self.put(tx, key, current, None).await?;
            let change = Some(Change { sequence: made.sequence, marker: true });
            return Ok(Deleted { version: Some(made.id), marker: true, change });
        }
        let Some(current) = current else { return Ok(Deleted::default()) };
        let sequence = next_sequence(tx, Some(&current)).await?;
        self.remove(tx, key, keys::CURRENT, &current).await?;
        let change = Some(Change { sequence, marker: false });
        Ok(Deleted { version: None, marker: false, change })
    }

    /// Deletes one version for good, unless it is locked; `by` is who may end that. One that is
    /// not there is deleted.
    pub(crate) async fn delete_version(
        &self,
        tx: &mut Transaction,
        key: &str,
        id: VersionId,
        by: Option<&Bypass<'_>>,
    ) -> Result<Deleted, Error> {
        let named = (self.bucket.versioning != Versioning::Off).then_some(id);
        let Some((place, version)) = find(tx, self.bucket, key, id).await? else {
            return Ok(Deleted { version: named, ..Deleted::default() });
        };
        match (&version.object, by) {
            (Some(object), Some(by)) => object.lock.check(by)?,
            (Some(object), None) if object.lock.holds(self.ctx.now) => return Err(Error::Locked),
            _ => {}
        }
        let current = current(tx, self.bucket, key).await?;
        let sequence = next_sequence(tx, current.as_ref()).await?;
        self.remove(tx, key, place, &version).await?;
        let change = Some(Change { sequence, marker: false });
        Ok(Deleted { version: named, marker: version.object.is_none(), change })
    }

    /// Replaces the tags of a version, and tells it.
    pub(crate) async fn set_tags(
        &self,
        tx: &mut Transaction,
        key: &str,
        id: Option<&str>,
        tags: Tags,
        action: Action,
    ) -> Result<Version, Error> {
        let (place, mut version) = wanted_object(tx, self.bucket, key, id).await?;
        if let Some(object) = &mut version.object {
            object.tags = tags;
        }
        tx.put_record(keys::version(&self.bucket.store, key, place), &version)?;
        let sequence = next_sequence(tx, Some(&version)).await?;
        let told = Version { sequence, ..version.clone() };
        self.notify_created(tx, action, key, &told).await?;
        Ok(version)
    }

    /// Removes the version at a place. If it was the current one, the newest of the others is now.
    async fn remove(
        &self,
        tx: &mut Transaction,
        key: &str,
        place: u64,
        version: &Version,
    ) -> Result<(), Error> {
        let store = &self.bucket.store;
        self.release(tx, version)?;
        if place != keys::CURRENT {
            if version.id == VersionId::Null {
                tx.delete(keys::null(store, key))?;
            }
            return Ok(tx.delete(keys::version(store, key, place))?);
        }
        let next = match self.bucket.versioning {
            // There are no others.
            Versioning::Off => None,
            _ => tx.scan(&keys::noncurrent(store, key), Scan::first(1)).await?.pop(),
        };
        let Some(next) = next else {
            return Ok(tx.delete(keys::version(store, key, keys::CURRENT))?);
        };
        let promoted: Version = kv::decode_record(&next.value)?;
        if promoted.id == VersionId::Null {
            tx.delete(keys::null(store, key))?;
        }
        tx.delete(next.key)?;
        Ok(tx.put(keys::version(store, key, keys::CURRENT), next.value)?)
    }

    /// Moves what was the current version to its place among the others.
    fn move_back(&self, tx: &mut Transaction, key: &str, old: &Version) -> Result<(), Error> {
        let (store, place) = (&self.bucket.store, keys::place(old.sequence));
        if old.id == VersionId::Null {
            let place = place.to_be_bytes().to_vec();
            tx.put(keys::null(store, key), place.into())?;
        }
        Ok(tx.put_record(keys::version(store, key, place), old)?)
    }

    /// Removes the null version, if it is there and not the current one.
    async fn remove_null(&self, tx: &mut Transaction, key: &str) -> Result<(), Error> {
        let Some(place) = null_place(tx, self.bucket, key).await? else { return Ok(()) };
        let old: Option<Version> =
            tx.get_record(&keys::version(&self.bucket.store, key, place)).await?;
        match old {
            Some(old) => self.remove(tx, key, place, &old).await,
            None => Ok(()),
        }
    }

    /// Lets the bytes of a version go.
    fn release(&self, tx: &mut Transaction, version: &Version) -> Result<(), Error> {
        match version.object.as_ref().map(|object| &object.content) {
            None => Ok(()),
            Some(Content::Whole(body)) => self.release_body(tx, body),
            Some(Content::Parts { upload, .. }) => {
                Ok(jobs::release_parts(self.ctx, tx, &self.bucket.store, upload)?)
            }
        }
    }

    /// Lets the bytes of an object or a part go.
    pub(crate) fn release_body(&self, tx: &mut Transaction, body: &Body) -> Result<(), Error> {
        match body {
            Body::Empty => Ok(()),
            Body::Inline(blob) => Ok(tx.delete(keys::body(&self.bucket.store, &blob.id))?),
            Body::Blob(blob) => jobs::orphan(self.objects, self.ctx, tx, blob.id),
        }
    }
}

/// The sequence of the next write to a key whose current version was read in this transaction.
///
/// The version of the snapshot grows from each commit of the key to the next, also over times when
/// the key had no version; within one transaction the sequences count on.
async fn next_sequence(tx: &mut Transaction, current: Option<&Version>) -> Result<u64, kv::Error> {
    let read = tx.read_version().await? + 1;
    Ok(current.map_or(read, |current| read.max(current.sequence + 1)))
}
