//! Large bytes: immutable blobs under random ids, over the `object_store` crate.
//!
//! A blob lives outside of the store and its references inside. So that neither a crash nor a
//! transaction that fails leaves a blob without an owner, its life is:
//!
//! ```text
//! transaction: Blobs::intend    the intent is durable before the first byte
//! Blobs::upload                 the bytes, synced to the disk before it answers
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

use bytes::Bytes;
use kv::{Key, KeyBuilder, Record, Store, Tag, Transaction};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem};
use serde::{Deserialize, Serialize};
use std::{fmt, path::Path, sync::Arc};
use types::Timestamp;

/// The id of a blob: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlobId([u8; 16]);

impl BlobId {
    /// The id of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What went wrong with a blob.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such blob.
    #[error("the blob {0} does not exist")]
    NotFound(BlobId),
    /// Its upload took longer than the grace, and it has been or is being collected.
    #[error("the blob {0} was collected before anything referred to it")]
    Collected(BlobId),
    /// The folder or the object storage failed.
    #[error("the blob storage failed: {0}")]
    Storage(#[source] object_store::Error),
    /// The folder cannot be made.
    #[error("the blob folder cannot be opened: {0}")]
    Folder(#[source] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

/// A blob that nothing refers to.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Intent {
    since: Timestamp,
    /// Set by the collector before it deletes; from then on nobody may adopt the blob.
    doomed: bool,
}

impl Record for Intent {
    const VERSION: u8 = 1;
}

/// The blobs of one installation. A clone is the same.
#[derive(Clone)]
pub struct Blobs {
    store: Store,
    tag: Tag,
    objects: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// Blobs in a folder of this host, which is made if it does not exist. Intents lie in `store`
    /// under `tag`.
    ///
    /// # Errors
    /// The folder cannot be made or opened.
    pub fn local(store: Store, tag: Tag, folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::Folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(Error::Storage)?;
        // Without it an acknowledged blob would not survive a loss of power.
        Ok(Self { store, tag, objects: Arc::new(objects.with_fsync(true)) })
    }

    fn intent(&self, id: BlobId) -> Key {
        KeyBuilder::new(self.tag).fixed16(&id.0).build()
    }

    /// Says that nothing refers to a blob: before it is uploaded, or when its last reference goes.
    /// Collect it after a grace that is longer than the longest upload and the longest read.
    ///
    /// # Errors
    /// The store's.
    pub fn intend(&self, tx: &mut Transaction, id: BlobId, now: Timestamp) -> Result<(), Error> {
        Ok(tx.put_record(self.intent(id), &Intent { since: now, doomed: false })?)
    }

    /// Removes the intent, in the transaction that writes a reference.
    ///
    /// # Errors
    /// [`Error::Collected`] if it came too late; the store's.
    pub async fn adopt(&self, tx: &mut Transaction, id: BlobId) -> Result<(), Error> {
        let key = self.intent(id);
        match tx.get_record::<Intent>(&key).await? {
            Some(Intent { doomed: false, .. }) => Ok(tx.delete(key)?),
            _ => Err(Error::Collected(id)),
        }
    }

    /// Stores the bytes of a blob whose intent is committed. They are durable when it answers.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn upload(&self, id: BlobId, bytes: Bytes) -> Result<(), Error> {
        let payload = PutPayload::from_bytes(bytes);
        self.objects.put(&location(id), payload).await.map_err(Error::Storage)?;
        Ok(())
    }

    /// The whole blob.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Storage`].
    pub async fn read(&self, id: BlobId) -> Result<Bytes, Error> {
        let found = self.objects.get(&location(id)).await.map_err(|error| failure(id, error))?;
        found.bytes().await.map_err(Error::Storage)
    }

    /// Deletes a blob if nothing refers to it. Does nothing to one that was adopted, and ends
    /// what an earlier run began.
    ///
    /// # Errors
    /// [`Error::Storage`]; the store's, a conflict among them: then run it again.
    pub async fn collect(&self, id: BlobId) -> Result<(), Error> {
        let mut tx = self.store.begin();
        let Some(intent) = tx.get_record::<Intent>(&self.intent(id)).await? else { return Ok(()) };
        tx.put_record(self.intent(id), &Intent { doomed: true, ..intent })?;
        tx.commit().await?;
        match self.objects.delete(&location(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(Error::Storage(error)),
        }
        let mut tx = self.store.begin();
        tx.delete(self.intent(id))?;
        tx.commit().await?;
        Ok(())
    }
}

/// 256 folders, so that none becomes too large to list.
fn location(id: BlobId) -> object_store::path::Path {
    let name = id.to_string();
    object_store::path::Path::from(format!("{}/{name}", &name[..2]))
}

fn failure(id: BlobId, error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound(id),
        error => Error::Storage(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_memory::MemoryEngine;

    const NOW: Timestamp = Timestamp::from_secs(1);

    fn blobs() -> (Blobs, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(MemoryEngine::new());
        (Blobs::local(store, Tag(0x0060), folder.path()).unwrap(), folder)
    }

    async fn intended(blobs: &Blobs) -> BlobId {
        let id = BlobId::from_random([7; 16]);
        let mut tx = blobs.store.begin();
        blobs.intend(&mut tx, id, NOW).unwrap();
        tx.commit().await.unwrap();
        id
    }

    #[tokio::test]
    async fn a_blob_that_was_adopted_is_not_collected() {
        let (blobs, _folder) = blobs();
        let id = intended(&blobs).await;
        blobs.upload(id, "code".into()).await.unwrap();
        let mut tx = blobs.store.begin();
        blobs.adopt(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        blobs.collect(id).await.unwrap();
        assert_eq!(blobs.read(id).await.unwrap(), "code");
    }

    #[tokio::test]
    async fn a_blob_that_nothing_refers_to_is_collected_and_cannot_be_adopted_any_more() {
        let (blobs, _folder) = blobs();
        let id = intended(&blobs).await;
        blobs.upload(id, "code".into()).await.unwrap();
        blobs.collect(id).await.unwrap();
        assert!(matches!(blobs.read(id).await, Err(Error::NotFound(_))));
        let mut tx = blobs.store.begin();
        assert!(matches!(blobs.adopt(&mut tx, id).await, Err(Error::Collected(_))));
    }

    #[tokio::test]
    async fn an_intent_whose_upload_never_came_is_collected() {
        let (blobs, _folder) = blobs();
        let id = intended(&blobs).await;
        blobs.collect(id).await.unwrap();
        let mut tx = blobs.store.begin();
        assert_eq!(tx.get(&blobs.intent(id)).await.unwrap(), None);
    }
}
