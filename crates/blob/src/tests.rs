mod damage;
mod life;
mod ranges;

use crate::{BlobId, BlobRef, Blobs, Encryption, Error};
use bytes::Bytes;
use clock::Ids;
use futures_util::{TryStreamExt, stream};
use kv::{Store, Tag};
use kv_memory::MemoryEngine;
use std::path::{Path, PathBuf};
use types::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1);
const TAG: Tag = Tag(0x0060);

/// Blobs in a folder of their own.
struct Bed {
    store: Store,
    blobs: Blobs,
    folder: tempfile::TempDir,
}

impl Bed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(MemoryEngine::new());
        let blobs = with_key(&store, folder.path(), 1);
        Self { store, blobs, folder }
    }

    async fn intend(&self, id: BlobId) {
        let mut tx = self.store.begin();
        self.blobs.intend(&mut tx, id, NOW).unwrap();
        tx.commit().await.unwrap();
    }

    async fn adopt(&self, id: BlobId) -> Result<(), Error> {
        let mut tx = self.store.begin();
        self.blobs.adopt(&mut tx, id).await?;
        tx.commit().await.unwrap();
        Ok(())
    }

    /// Uploads a blob of these chunks.
    async fn upload(&self, id: BlobId, encryption: Encryption, chunks: &[&[u8]]) -> BlobRef {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let uploaded = self.blobs.upload_stream::<_, Error>(id, encryption, stream::iter(chunks));
        uploaded.await.unwrap()
    }

    fn file(&self, id: BlobId) -> PathBuf {
        let name = id.to_string();
        self.folder.path().join(&name[..2]).join(name)
    }

    /// Every file under the folder.
    fn files(&self) -> Vec<PathBuf> {
        let folders = std::fs::read_dir(self.folder.path()).unwrap();
        let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
        files.map(|file| file.unwrap().path()).collect()
    }
}

fn with_key(store: &Store, folder: &Path, key: u8) -> Blobs {
    let blobs = Blobs::local(store.clone(), TAG, folder).unwrap();
    blobs.with_master_key(&[key; 32], Ids::from_seed(u64::from(key)))
}

fn id(byte: u8) -> BlobId {
    BlobId::from_random([byte; 16])
}

async fn read(
    blobs: &Blobs,
    blob: &BlobRef,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, Error> {
    let read = blobs.read_range(blob, range).await?;
    Ok(read.try_collect::<Vec<Bytes>>().await?.concat())
}

/// Bytes that do not repeat with the frames.
fn noise(len: usize) -> Vec<u8> {
    (0..len as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}
