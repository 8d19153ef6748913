//! From a store that is being written to, into a folder, into another store.

use super::*;
use backup::{Error, Folder, Progress, is_incomplete, load, save};
use kv::{Range, Scan};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
};

fn quiet(_: &Progress) {}

async fn back_up(node: &Node) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    save(&node.source().await, folder.path(), NOW, &quiet).await.unwrap();
    folder
}

/// Adds to one counter and takes from another, in one transaction.
async fn move_one(store: &Store, from: &str, to: &str) {
    let mut tx = store.begin();
    tx.add(key(NUMBER, from), -1).unwrap();
    tx.add(key(NUMBER, to), 1).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_writes_restores_to_a_state_that_was() {
    let node = Node::new();
    for at in 0..2_000 {
        node.put(key(EVENT, &format!("{at:06}")), &[7; 900]).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let acknowledged: Arc<[AtomicI64; 8]> = Arc::default();
    let writers: Vec<_> = (0..8)
        .map(|at| {
            let (store, stop, acknowledged) =
                (node.store.clone(), stop.clone(), acknowledged.clone());
            tokio::spawn(async move {
                // The first of the pair lies at the beginning of the store, the other at its end.
                while !stop.load(Ordering::SeqCst) {
                    move_one(&store, &format!("a{at}"), &format!("z{at}")).await;
                    acknowledged[at].fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    while acknowledged.iter().any(|count| count.load(Ordering::SeqCst) < 50) {
        tokio::task::yield_now().await;
    }
    let before: Vec<i64> = acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect();
    let source = node.source().await;
    let folder = tempfile::tempdir().unwrap();
    let saved = save(&source, folder.path(), NOW, &quiet).await.unwrap();
    let now: Vec<i64> = acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect();
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(saved.entries > 2_000);
    assert_ne!(before, now, "the writers went on during the backup");

    let restored = Node::new();
    let folder = Folder::open(folder.path(), &quiet).unwrap();
    load(&folder, &restored.store, &restored.blobs, &quiet).await.unwrap();
    for (at, before) in before.into_iter().enumerate() {
        let (from, to) = (format!("a{at}"), format!("z{at}"));
        let (lost, gained) = (restored.number(&from).await, restored.number(&to).await);
        assert_eq!(lost + gained, 0, "a transaction is there in part");
        assert!(gained >= before, "{gained} of {before} that were acknowledged before");
    }
}

#[tokio::test]
async fn what_is_restored_is_what_was_with_its_blobs_and_nothing_else() {
    let node = Node::new();
    let (small, large) = (node.add("small", 0).await, node.add("large", 3_000_000).await);
    let mut tx = node.store.begin();
    tx.put_versionstamped(key(EVENT, "stream"), b"", Value::from_static(b"old")).unwrap();
    tx.commit().await.unwrap();
    let folder = back_up(&node).await;
    let opened = Folder::open(folder.path(), &quiet).unwrap();
    assert_eq!(backup::Source::head(&opened).key_check, KEY_CHECK);
    let restored = Node::new();
    let done = load(&opened, &restored.store, &restored.blobs, &quiet).await.unwrap();
    assert_eq!((done.blobs, done.blobs_known), (2, 2));
    assert_eq!(restored.read(&small).await.len(), 0);
    assert_eq!(restored.read(&large).await, vec![7; 3_000_000]);
    let all = |node: &Node| {
        let mut tx = node.store.begin();
        async move { tx.scan(&Range::prefix(b""), Scan::first(100)).await.unwrap() }
    };
    let without_hold = |mut entries: Vec<kv::Entry>| {
        entries.retain(|entry| entry.key.len() > 2);
        entries
    };
    assert_eq!(without_hold(all(&restored).await), without_hold(all(&node).await));
    assert!(!is_incomplete(&restored.store).await.unwrap());

    // The new store has begun to count anew, but its stamps go on from the old ones.
    let mut tx = restored.store.begin();
    tx.put_versionstamped(key(EVENT, "stream"), b"", Value::from_static(b"new")).unwrap();
    tx.commit().await.unwrap();
    let range = Range::prefix(&key(EVENT, "stream"));
    let stream = restored.store.begin().scan(&range, Scan::first(9)).await.unwrap();
    let values: Vec<_> = stream.iter().map(|entry| &entry.value[..]).collect();
    assert_eq!(values, [b"old", b"new"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_backup_of_which_any_file_was_changed_or_lost_is_refused() {
    let node = Node::new();
    node.add("one", 100_000).await;
    let folder = back_up(&node).await;
    let all = files(folder.path());
    assert_eq!(all.len(), 4, "manifest, index, entries and a blob: {all:?}");
    for file in all {
        let good = fs::read(&file).unwrap();
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let middle = good.len() / 2;
        let mut changed = good.clone();
        changed[middle] ^= 0x10;
        for bad in [flipped, changed, good[..good.len() - 1].to_vec(), Vec::new()] {
            fs::write(&file, bad).unwrap();
            let error = Folder::open(folder.path(), &quiet).unwrap_err();
            let damaged = matches!(error, Error::Damaged(_));
            assert!(damaged || file.ends_with("blobs.index"), "{}: {error}", file.display());
        }
        fs::remove_file(&file).unwrap();
        let error = Folder::open(folder.path(), &quiet).unwrap_err();
        let is_manifest = file.ends_with("manifest.json");
        assert_eq!(matches!(error, Error::Refused(_)), is_manifest, "{error}");
        fs::write(&file, good).unwrap();
    }
    Folder::open(folder.path(), &quiet).unwrap();
}

#[tokio::test]
async fn a_backup_that_did_not_come_to_its_end_is_none() {
    let node = Node::new();
    let blob = node.add("one", 100_000).await;
    let id = blob.id.to_string();
    fs::remove_file(node.folder.path().join(&id[..2]).join(&id)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = save(&node.source().await, folder.path(), NOW, &quiet).await.unwrap_err();
    assert!(matches!(error, Error::Blob(blob::Error::NotFound(_))), "{error}");
    assert!(matches!(Folder::open(folder.path(), &quiet), Err(Error::Refused(_))));
    let error = save(&node.source().await, folder.path(), NOW, &quiet).await.unwrap_err();
    assert!(error.to_string().contains("is not empty"), "{error}");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_not_backed_up_in_silence() {
    let node = Node::new();
    node.put(key(RECORD, "one"), b"short").await;
    let folder = tempfile::tempdir().unwrap();
    let error = save(&node.source().await, folder.path(), NOW, &quiet).await.unwrap_err();
    assert!(error.to_string().contains("the record at 7000"), "{error}");
}

#[tokio::test]
async fn nothing_is_restored_over_what_is_there() {
    let node = Node::new();
    node.add("one", 10).await;
    let folder = back_up(&node).await;
    let source = Folder::open(folder.path(), &quiet).unwrap();
    let error = load(&source, &node.store, &node.blobs, &quiet).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
}

#[tokio::test]
async fn a_store_whose_restore_did_not_end_says_so() {
    let node = Node::new();
    let blob = node.add("one", 10).await;
    let folder = back_up(&node).await;
    let source = Folder::open(folder.path(), &quiet).unwrap();
    let id = blob.id.to_string();
    fs::remove_file(folder.path().join("blobs").join(&id[..2]).join(&id)).unwrap();
    let restored = Node::new();
    load(&source, &restored.store, &restored.blobs, &quiet).await.unwrap_err();
    assert!(is_incomplete(&restored.store).await.unwrap());
    let error = load(&source, &restored.store, &restored.blobs, &quiet).await.unwrap_err();
    assert!(error.to_string().contains("earlier restore"), "{error}");
}

#[tokio::test]
async fn a_store_is_copied_without_a_folder_between() {
    let node = Node::new();
    let blob = node.add("one", 100_000).await;
    let copy = Node::new();
    load(&node.source().await, &copy.store, &copy.blobs, &quiet).await.unwrap();
    assert_eq!(copy.read(&blob).await, vec![7; 100_000]);
}
