mod damage;
mod disk;
mod failure;
mod kill;
mod reopen;

use std::path::Path;
use std::sync::Arc;

use kv::{Error, Key, KeyBuilder, Range, Scan, Store, Tag, Value};

use crate::{EmbeddedEngine, Options};

const TAG: Tag = Tag(0xffee);

fn key(number: u64) -> Key {
    KeyBuilder::new(TAG).u64(number).build()
}

fn open(path: &Path, options: Options) -> Result<Store, Error> {
    EmbeddedEngine::open(path, options).map(Store::new)
}

async fn put(store: &Store, number: u64, value: &str) -> Result<kv::Committed, Error> {
    let mut tx = store.begin();
    tx.put(key(number), Value::copy_from_slice(value.as_bytes()))?;
    tx.commit().await
}

async fn all(store: &Store) -> Result<Vec<kv::Entry>, Error> {
    store.begin().scan(&Range::prefix(b""), Scan::first(1_000_000)).await
}

/// The paths of the files under `path`, in order.
fn files(path: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap().path();
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(file, target).unwrap();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn shared_disk() -> Arc<disk::TestDisk> {
    Arc::new(disk::TestDisk::default())
}
