//! Background work: what a deleted bucket or upload leaves, and blobs that nothing refers to.

use crate::{
    Error, Objects, config,
    error::of_blob,
    expire::{self, Expire},
    keys::{self, StoreId, UploadKey},
    model::{Body, Lifecycle, Part},
};
use blob::BlobId;
use futures_util::future::BoxFuture;
use kv::{Scan, Transaction};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::{Context, Fault, Job, JobRecord, Next, Transact, job, transact};
use std::{sync::Arc, time::Duration};

const CLEAR: &str = "objects.clear";
const RELEASE: &str = "objects.release_parts";
const COLLECT: &str = "objects.collect";

fn enqueue(
    ctx: &Context,
    tx: &mut Transaction,
    kind: &str,
    cursor: Value,
    after: Duration,
) -> Result<(), kv::Error> {
    let id = ctx.ids().uuid();
    let record = JobRecord { id, kind: kind.to_owned(), cursor, attempts: 0, created: ctx.now };
    job::enqueue(tx, ctx.account(), &ctx.region, ctx.now + after, &record)
}

/// Makes the job that removes what a deleted bucket leaves.
pub(crate) fn clear(ctx: &Context, tx: &mut Transaction, store: &StoreId) -> Result<(), kv::Error> {
    enqueue(ctx, tx, CLEAR, json!({"store": store}), Duration::ZERO)
}

/// Makes the job that removes the parts of an upload that nothing refers to any more.
pub(crate) fn release_parts(
    ctx: &Context,
    tx: &mut Transaction,
    store: &StoreId,
    upload: &UploadKey,
) -> Result<(), kv::Error> {
    let cursor = json!({"store": store, "upload": hex::encode(upload)});
    enqueue(ctx, tx, RELEASE, cursor, Duration::ZERO)
}

/// Says that nothing refers to a blob (any more, or yet), and makes the job that collects it.
pub(crate) fn orphan(
    objects: &Objects,
    ctx: &Context,
    tx: &mut Transaction,
    blob: BlobId,
) -> Result<(), Error> {
    objects.blobs.intend(tx, blob, ctx.now).map_err(of_blob)?;
    Ok(enqueue(ctx, tx, COLLECT, json!({"blobs": [blob]}), config::BLOB_GRACE)?)
}

/// Makes the job that collects a blob, unless it is adopted until then.
pub(crate) fn collect_later(
    objects: &Objects,
    tx: &mut Transaction,
    blob: BlobId,
) -> Result<(), kv::Error> {
    objects.enqueue(tx, COLLECT, json!({"blobs": [blob]}), config::BLOB_GRACE)
}

/// Every kind of background work.
pub(crate) fn all(objects: &Arc<Objects>) -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(Clear(objects.clone())),
        Arc::new(Release(objects.clone())),
        Arc::new(Collect(objects.clone())),
        Arc::new(Expire(objects.clone())),
    ]
}

/// Makes the job of a bucket's lifecycle, which first walks at the next midnight.
pub(crate) fn expire(
    ctx: &Context,
    tx: &mut Transaction,
    store: &StoreId,
    lifecycle: &Lifecycle,
) -> Result<(), kv::Error> {
    let cursor = serde_json::to_value(expire::Cursor::new(store, lifecycle));
    let cursor = cursor.expect("names and numbers are JSON");
    enqueue(ctx, tx, expire::KIND, cursor, expire::until_midnight(ctx.now))
}

fn member<T: DeserializeOwned>(record: &JobRecord, name: &str) -> Result<T, Fault> {
    serde_json::from_value(record.cursor[name].clone())
        .map_err(|error| Fault::internal(format!("a job's {name}: {error}")))
}

/// Removes the configurations of a deleted bucket and ends its uploads.
struct Clear(Arc<Objects>);

impl Job for Clear {
    fn kind(&self) -> &'static str {
        CLEAR
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let step = ClearSome { objects: &self.0, store: member(record, "store")? };
            let more = transact(&self.0.platform.store, &step).await?;
            Ok(again(record, more))
        })
    }
}

fn again(record: &JobRecord, more: bool) -> Next {
    match more {
        true => Next::Again { cursor: record.cursor.clone(), after: Duration::ZERO },
        false => Next::Done,
    }
}

struct ClearSome<'a> {
    objects: &'a Objects,
    store: StoreId,
}

impl Transact for ClearSome<'_> {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let mut left = config::JOB_STEP;
        for entry in tx.scan(&keys::settings(&self.store), Scan::first(left).snapshot()).await? {
            tx.delete(entry.key)?;
            left -= 1;
        }
        for entry in tx.scan(&keys::all_uploads(&self.store), Scan::first(left).snapshot()).await? {
            let (_, upload) = keys::read_upload(&self.store, &entry.key)?;
            let cursor = json!({"store": self.store, "upload": hex::encode(upload)});
            self.objects.enqueue(tx, RELEASE, cursor, Duration::ZERO)?;
            tx.delete(entry.key)?;
            left -= 1;
        }
        Ok(left == 0)
    }
}

/// Removes the parts of an upload.
struct Release(Arc<Objects>);

impl Job for Release {
    fn kind(&self) -> &'static str {
        RELEASE
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let upload: String = member(record, "upload")?;
            let upload = hex::decode(upload).ok().and_then(|bytes| bytes.try_into().ok());
            let upload = upload.ok_or_else(|| Fault::internal("a job's upload is no id"))?;
            let store = member(record, "store")?;
            let step = ReleaseSome { objects: &self.0, store, upload };
            let more = transact(&self.0.platform.store, &step).await?;
            Ok(again(record, more))
        })
    }
}

struct ReleaseSome<'a> {
    objects: &'a Objects,
    store: StoreId,
    upload: UploadKey,
}

impl Transact for ReleaseSome<'_> {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let range = keys::parts(&self.store, &self.upload);
        let entries = tx.scan(&range, Scan::first(config::JOB_STEP).snapshot()).await?;
        let (count, mut blobs) = (entries.len(), Vec::new());
        let now = self.objects.platform.clock.now();
        for entry in entries {
            let part: Part = kv::decode_record(&entry.value)?;
            match part.body {
                Body::Empty => {}
                Body::Inline(blob) => tx.delete(keys::body(&self.store, &blob.id))?,
                Body::Blob(blob) => {
                    self.objects.blobs.intend(tx, blob.id, now).map_err(of_blob)?;
                    blobs.push(blob.id);
                }
            }
            tx.delete(entry.key)?;
        }
        if !blobs.is_empty() {
            self.objects.enqueue(tx, COLLECT, json!({"blobs": blobs}), config::BLOB_GRACE)?;
        }
        Ok(count == config::JOB_STEP)
    }
}

impl Objects {
    /// Makes a job that no request asked for.
    fn enqueue(
        &self,
        tx: &mut Transaction,
        kind: &str,
        cursor: Value,
        after: Duration,
    ) -> Result<(), kv::Error> {
        let created = self.platform.clock.now();
        let id = self.ids.uuid();
        let record = JobRecord { id, kind: kind.to_owned(), cursor, attempts: 0, created };
        job::enqueue(tx, &self.platform.account, &self.platform.region, created + after, &record)
    }
}

/// Deletes blobs that nothing refers to.
struct Collect(Arc<Objects>);

impl Job for Collect {
    fn kind(&self) -> &'static str {
        COLLECT
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let blobs: Vec<BlobId> = member(record, "blobs")?;
            let now = self.0.platform.clock.now();
            for blob in blobs {
                self.0.blobs.collect(blob, now).await.map_err(of_blob)?;
            }
            Ok(Next::Done)
        })
    }
}
