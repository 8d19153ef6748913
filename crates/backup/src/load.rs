use crate::{Error, Observer, Page, Progress, Source};
use blob::Blobs;
use bytes::Bytes;
use futures_util::TryStreamExt;
use kv::{Entry, Key, KeyBuilder, Range, Scan, Store, Value};
use service::{records::Referred, tag};
use std::collections::HashSet;

/// What one transaction writes at most, in bytes and in entries.
const STEP: (usize, usize) = (4 * 1024 * 1024, 4_000);

/// Fills an empty store and its blobs with what a source has. Everything is durable when this
/// answers. A store that it has begun to fill says so until then ([`is_incomplete`]): begin again
/// with another one.
///
/// Later commits have greater versions than the source's: stamps in it stay smaller than new ones.
///
/// # Errors
/// The source's and the store's; [`Error::Refused`] if the store is not empty.
pub async fn load(
    source: &dyn Source,
    store: &Store,
    blobs: &Blobs,
    observer: Observer<'_>,
) -> Result<Progress, Error> {
    refuse_if_used(store).await?;
    let version = source.head().version;
    write(store, version, [Entry { key: marker(), value: Value::from_static(b"restore") }]).await?;
    let (mut progress, mut seen, mut cursor) = (Progress::default(), HashSet::new(), None::<Bytes>);
    loop {
        let Page { entries, blobs: found, next } = source.page(cursor.as_deref()).await?;
        progress.entries += entries.len() as u64;
        let size = |entry: &Entry| (entry.key.len() + entry.value.len()) as u64;
        progress.bytes += entries.iter().map(size).sum::<u64>();
        store_entries(store, version, entries).await?;
        let found: Vec<_> = found.into_iter().filter(|blob| seen.insert(blob.id)).collect();
        progress.blobs_known += found.len() as u64;
        observer(&progress);
        for blob in found {
            store_blob(source, blobs, blob, &mut progress, observer).await?;
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let mut tx = store.begin();
    tx.delete(marker())?;
    tx.commit().await?;
    Ok(progress)
}

/// Whether a restore has begun to fill this store and has not ended: nobody may use it.
///
/// # Errors
/// The store's.
pub async fn is_incomplete(store: &Store) -> Result<bool, Error> {
    Ok(store.begin().get(&marker()).await?.is_some())
}

fn marker() -> Key {
    KeyBuilder::new(tag::META).str("restore").build()
}

async fn refuse_if_used(store: &Store) -> Result<(), Error> {
    if is_incomplete(store).await? {
        let what = "an earlier restore into this store did not come to its end: use an empty one";
        return Err(Error::Refused(what.to_owned()));
    }
    let found = store.begin().scan(&Range::prefix(b""), Scan::first(1)).await?;
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::Refused("the store is not empty: nothing is restored over what is there".to_owned()))
}

async fn store_entries(store: &Store, version: u64, entries: Vec<Entry>) -> Result<(), Error> {
    let mut step = Vec::new();
    let mut bytes = 0;
    for entry in entries.into_iter().filter(is_of_the_data) {
        bytes += entry.key.len() + entry.value.len();
        step.push(entry);
        if bytes >= STEP.0 || step.len() >= STEP.1 {
            write(store, version, std::mem::take(&mut step)).await?;
            bytes = 0;
        }
    }
    if step.is_empty() { Ok(()) } else { write(store, version, step).await }
}

/// Who holds the blobs is of the old installation, and what restores are under way of each one.
fn is_of_the_data(entry: &Entry) -> bool {
    entry.key != KeyBuilder::new(tag::BLOB).build() && entry.key != marker()
}

async fn write(
    store: &Store,
    version: u64,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<(), Error> {
    let mut tx = store.begin();
    tx.commit_after(version);
    for Entry { key, value } in entries {
        tx.put(key, value)?;
    }
    tx.commit().await?;
    Ok(())
}

async fn store_blob(
    source: &dyn Source,
    blobs: &Blobs,
    blob: Referred,
    progress: &mut Progress,
    observer: Observer<'_>,
) -> Result<(), Error> {
    let mut stored = source.blob(blob.id).await?;
    let mut upload = blobs.copy_in(blob.id);
    while let Some(bytes) = stored.stream.try_next().await? {
        progress.bytes += bytes.len() as u64;
        upload.write(bytes).await?;
        observer(progress);
    }
    if upload.bytes() != blob.stored_bytes {
        let (read, expected) = (upload.bytes(), blob.stored_bytes);
        return Err(Error::Short { id: blob.id, read, expected });
    }
    upload.finish().await?;
    progress.blobs += 1;
    observer(progress);
    Ok(())
}
