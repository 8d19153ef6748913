//! The job of a bucket's lifecycle: it walks the bucket once a day, at midnight in UTC, in bounded
//! steps.

use crate::{
    Objects, config, events, jobs,
    keys::{self, StoreId, UploadKey},
    model::{self, Bucket, Lifecycle, Upload, Version, Work, midnight},
    settings,
};
use futures_util::future::BoxFuture;
use kv::{Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::{Caller, Context, Fault, Job, JobRecord, Next, Transact, transact};
use std::{sync::Arc, time::Duration};
use types::Timestamp;

pub(crate) const KIND: &str = "objects.expire";

/// How far the walk is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cursor {
    store: StoreId,
    generation: [u8; 16],
    at: At,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum At {
    /// Before the first version.
    Start,
    /// Behind a version.
    Version {
        key: String,
        place: u64,
        /// When it was made, which is when the next older one of its key stopped to be current.
        made: Timestamp,
        /// How many versions of its key that are not current were met, this one included.
        noncurrent: u32,
    },
    /// Behind an upload in progress; none: before the first.
    Upload(Option<(String, UploadKey)>),
}

impl Cursor {
    pub(crate) fn new(store: &StoreId, lifecycle: &Lifecycle) -> Self {
        Self { store: store.clone(), generation: lifecycle.generation, at: At::Start }
    }
}

/// How long it is until the next walk.
pub(crate) fn until_midnight(now: Timestamp) -> Duration {
    midnight(Timestamp::from_millis(now.as_millis() + 1)).since(now)
}

/// Removes what the bucket's lifecycle says.
pub(crate) struct Expire(pub(crate) Arc<Objects>);

impl Job for Expire {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let cursor: Cursor = serde_json::from_value(record.cursor.clone())
                .map_err(|error| Fault::internal(format!("a job's cursor: {error}")))?;
            let now = self.0.platform.clock.now();
            let step = ExpireSome { objects: &self.0, cursor: &cursor, now };
            let Some(at) = transact(&self.0.platform.store, &step).await? else {
                return Ok(Next::Done);
            };
            let after = match at {
                At::Start => until_midnight(now),
                _ => Duration::ZERO,
            };
            let cursor = serde_json::to_value(Cursor { at, ..cursor })
                .map_err(|error| Fault::internal(format!("a job's cursor: {error}")))?;
            Ok(Next::Again { cursor, after })
        })
    }
}

/// One step.
struct ExpireSome<'a> {
    objects: &'a Objects,
    cursor: &'a Cursor,
    now: Timestamp,
}

impl Transact for ExpireSome<'_> {
    /// Where the next step goes on; none if the bucket or its lifecycle is another one now.
    type Output = Option<At>;

    async fn run(&self, tx: &mut Transaction) -> Result<Option<At>, Fault> {
        let Cursor { store, generation, at } = self.cursor;
        let platform = &self.objects.platform;
        let bucket = model::named(platform, tx, &store.name).await?;
        let Some(bucket) = bucket.filter(|bucket| bucket.store == *store) else { return Ok(None) };
        let lifecycle = settings::find::<Lifecycle>(tx, &bucket).await?;
        let Some(lifecycle) = lifecycle.filter(|found| found.generation == *generation) else {
            return Ok(None);
        };
        let caller = Caller::service(events::PRINCIPAL, store.account.clone(), Some(&bucket.arn()));
        let seed = self.objects.ids.bytes();
        let ctx = Context::new(caller, store.region.clone(), self.now, seed, platform.clone());
        let walk = Walk {
            work: Work::new(self.objects, &ctx, &bucket),
            ctx: &ctx,
            bucket: &bucket,
            lifecycle: &lifecycle,
            now: self.now,
        };
        Ok(Some(match at {
            At::Upload(after) => walk.uploads(tx, after.as_ref()).await?,
            at => walk.versions(tx, at).await?,
        }))
    }
}

struct Walk<'a> {
    work: Work<'a>,
    ctx: &'a Context,
    bucket: &'a Bucket,
    lifecycle: &'a Lifecycle,
    now: Timestamp,
}

impl Walk<'_> {
    async fn versions(&self, tx: &mut Transaction, at: &At) -> Result<At, Fault> {
        let store = &self.bucket.store;
        let mut range = keys::all_versions(store);
        let mut last = at.clone();
        if let At::Version { key, place, .. } = at {
            range = range.after(&keys::version(store, key, *place));
        }
        let entries = tx.scan(&range, Scan::first(config::EXPIRE_STEP).snapshot()).await?;
        let is_end = entries.len() < config::EXPIRE_STEP;
        for entry in entries {
            let (key, place) = keys::read_version(store, &entry.key)?;
            let version: Version = kv::decode_record(&entry.value)?;
            let newer = match &last {
                At::Version { key: before, made, noncurrent, .. } if *before == key => {
                    Some((*made, *noncurrent))
                }
                _ => None,
            };
            let noncurrent = newer.map_or(0, |(_, count)| count + 1);
            let made = version.modified;
            let behind = keys::place(version.sequence);
            let is_hidden = self.version(tx, &key, place, version, newer).await?;
            last = match is_hidden {
                true => At::Version { key, place: behind, made, noncurrent: 1 },
                false => At::Version { key, place, made, noncurrent },
            };
        }
        Ok(if is_end { At::Upload(None) } else { last })
    }

    /// Removes a version if it is due. `newer` tells when the next newer one was made, and how
    /// many newer ones are not current. True if the current version now lies behind a delete marker.
    async fn version(
        &self,
        tx: &mut Transaction,
        key: &str,
        place: u64,
        version: Version,
        newer: Option<(Timestamp, u32)>,
    ) -> Result<bool, Fault> {
        let (lifecycle, now) = (self.lifecycle, self.now);
        let made = version.modified;
        let deleted = match (&version.object, newer) {
            (Some(object), _) if place == keys::CURRENT => {
                if !lifecycle.expires(key, object, made, now) {
                    return Ok(false);
                }
                // What was written since the scan stays.
                let current = model::current(tx, self.bucket, key).await?;
                if current.as_ref().is_none_or(|current| current.sequence != version.sequence) {
                    return Ok(false);
                }
                self.work.delete(tx, key, current).await?
            }
            (None, _) if place == keys::CURRENT => {
                let behind = keys::noncurrent(&self.bucket.store, key);
                let is_last = tx.scan(&behind, Scan::first(1)).await?.is_empty();
                if !is_last || !lifecycle.clears(key, made, now) {
                    return Ok(false);
                }
                self.work.delete_version(tx, key, version.id, None).await?
            }
            (object, Some(since)) => {
                let is_locked = object.as_ref().is_some_and(|object| object.lock.holds(now));
                if is_locked || !lifecycle.expires_noncurrent(key, object.as_ref(), since, now) {
                    return Ok(false);
                }
                self.work.delete_version(tx, key, version.id, None).await?
            }
            (_, None) => return Ok(false),
        };
        self.work.notify_expired(tx, key, &deleted).await?;
        Ok(place == keys::CURRENT && version.object.is_some() && deleted.marker)
    }

    async fn uploads(
        &self,
        tx: &mut Transaction,
        after: Option<&(String, UploadKey)>,
    ) -> Result<At, Fault> {
        let store = &self.bucket.store;
        let mut range = keys::all_uploads(store);
        if let Some((key, id)) = after {
            range = range.after(&keys::upload(store, key, id));
        }
        let entries = tx.scan(&range, Scan::first(config::EXPIRE_STEP).snapshot()).await?;
        let is_end = entries.len() < config::EXPIRE_STEP;
        let mut last = None;
        for entry in entries {
            let (key, id) = keys::read_upload(store, &entry.key)?;
            let upload: Upload = kv::decode_record(&entry.value)?;
            let is_due = self.lifecycle.aborts(&key, upload.initiated, self.now);
            // Whoever completes it at this moment wins.
            if is_due && tx.get(&entry.key).await?.is_some() {
                tx.delete(entry.key)?;
                jobs::release_parts(self.ctx, tx, store, &id)?;
            }
            last = Some((key, id));
        }
        Ok(if is_end { At::Start } else { At::Upload(last) })
    }
}
