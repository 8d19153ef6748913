//! Sources, folders, loads and checks over the memory engine and a folder of blobs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod round_trip;

use backup::{LiveSource, RecordTable};
use blob::{BlobId, Blobs, Encryption};
use bytes::Bytes;
use clock::Ids;
use kv::{Error, Key, KeyBuilder, KeyReader, Store, Tag, Value};
use kv_memory::MemoryEngine;
use service::{Records, records, tag};
use std::sync::Arc;
use types::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_000);
const KEY_CHECK: &str = "0123";

/// A record: the id of a blob and its size in the storage.
const RECORD: Tag = Tag(0x7000);
/// Its index, by the same name.
const INDEX: Tag = Tag(0x7001);
const NUMBER: Tag = Tag(0x7002);
/// Stamped.
const EVENT: Tag = Tag(0x7003);

fn table() -> Arc<RecordTable> {
    let own = [
        Records::new(RECORD, "record", |entry, inspection| {
            let corrupt = || Error::Corrupt("no blob".to_owned());
            let (id, bytes) = entry.value.split_first_chunk::<16>().ok_or_else(corrupt)?;
            let bytes = bytes.try_into().map_err(|_| corrupt())?;
            inspection.refers(BlobId::from_random(*id), u64::from_be_bytes(bytes));
            let name = KeyReader::new(RECORD, &entry.key)?.str()?;
            inspection.requires_value(key(INDEX, &name), Value::from_static(b"here"));
            Ok(())
        }),
        Records::new(INDEX, "index of records", |entry, inspection| {
            let name = KeyReader::new(INDEX, &entry.key)?.str()?;
            inspection.requires(key(RECORD, &name));
            Ok(())
        }),
        Records::numbers(NUMBER, "number"),
        Records::bytes(EVENT, "event"),
    ];
    Arc::new(RecordTable::new(records::common().into_iter().chain(own)))
}

fn key(tag: Tag, name: &str) -> Key {
    KeyBuilder::new(tag).str(name).build()
}

/// A store and its blobs.
struct Node {
    store: Store,
    blobs: Blobs,
    folder: tempfile::TempDir,
    ids: Ids,
}

impl Node {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(MemoryEngine::new());
        let blobs = Blobs::local(store.clone(), tag::BLOB, folder.path()).unwrap();
        let blobs = blobs.with_master_key(&[1; 32], Ids::from_seed(1));
        Self { store, blobs, folder, ids: Ids::from_seed(2) }
    }

    /// A record with a sealed blob and an index entry.
    async fn add(&self, name: &str, bytes: usize) -> blob::BlobRef {
        let id = BlobId::from_random(self.ids.bytes());
        let mut tx = self.store.begin();
        self.blobs.intend(&mut tx, id, NOW).unwrap();
        tx.commit().await.unwrap();
        let mut upload = self.blobs.begin_upload(id, Encryption::Sealed).unwrap();
        upload.write(vec![7; bytes].into()).await.unwrap();
        let blob = upload.finish().await.unwrap();
        let mut tx = self.store.begin();
        self.blobs.adopt(&mut tx, id).await.unwrap();
        let value = [&id.as_bytes()[..], &blob.stored_bytes().to_be_bytes()].concat();
        tx.put(key(RECORD, name), value.into()).unwrap();
        tx.put(key(INDEX, name), Value::from_static(b"here")).unwrap();
        tx.commit().await.unwrap();
        blob
    }

    async fn put(&self, key: Key, value: &'static [u8]) {
        let mut tx = self.store.begin();
        tx.put(key, Value::from_static(value)).unwrap();
        tx.commit().await.unwrap();
    }

    async fn delete(&self, key: Key) {
        let mut tx = self.store.begin();
        tx.delete(key).unwrap();
        tx.commit().await.unwrap();
    }

    async fn number(&self, name: &str) -> i64 {
        let value = self.store.begin().get(&key(NUMBER, name)).await.unwrap();
        value.map_or(0, |value| i64::from_le_bytes(value[..].try_into().unwrap()))
    }

    async fn source(&self) -> LiveSource {
        let mut tx = self.store.begin();
        let until = NOW + std::time::Duration::from_secs(600);
        self.blobs.hold(&mut tx, "test", until, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let snapshot = self.store.snapshot().await.unwrap();
        LiveSource::new(snapshot, self.blobs.clone(), table(), KEY_CHECK.to_owned())
    }

    async fn read(&self, blob: &blob::BlobRef) -> Bytes {
        use futures_util::TryStreamExt;
        let stream = self.blobs.read_stream(blob).await.unwrap();
        stream.try_collect::<Vec<_>>().await.unwrap().concat().into()
    }
}
