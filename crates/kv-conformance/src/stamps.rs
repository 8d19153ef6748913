//! Versionstamped keys.

use kv::{Error, KeyBuilder, KeyReader, Scan, Stamp, Store};

use crate::{Subject, TAG, key, store, value};

fn prefix() -> kv::Key {
    KeyBuilder::new(TAG).str("stream").build()
}

fn stamp_of(key: &[u8]) -> Stamp {
    let mut reader = KeyReader::new(TAG, key).unwrap();
    assert_eq!(reader.str().unwrap(), "stream");
    reader.stamp().unwrap()
}

async fn stamps(store: &Store) -> Vec<Stamp> {
    let mut tx = store.begin();
    let range = kv::Range::prefix(&prefix());
    let entries = tx.scan(&range, Scan::first(100_000).snapshot()).await.unwrap();
    entries.iter().map(|entry| stamp_of(&entry.key)).collect()
}

/// Whoever was acknowledged before another began has the smaller stamp.
pub async fn stamps_are_unique_and_grow_in_commit_order(engine: Subject) {
    let store = store(&engine);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut own = Vec::new();
                for _ in 0..20 {
                    let mut tx = store.begin();
                    tx.put_versionstamped(prefix(), b"first", value("1")).unwrap();
                    tx.put_versionstamped(prefix(), b"", value("2")).unwrap();
                    let committed = tx.commit().await.unwrap();
                    own.extend([committed.stamp(0), committed.stamp(1)]);
                }
                assert!(own.is_sorted_by(|a, b| a < b));
                own
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all.sort_unstable();
    assert!(all.is_sorted_by(|a, b| a < b), "a stamp was given twice");
    assert_eq!(stamps(&store).await, all);
}

/// The key is prefix, stamp, suffix.
pub async fn a_commit_tells_the_stamps_that_it_wrote(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    tx.put_versionstamped(prefix(), b"suffix", value("1")).unwrap();
    tx.put_versionstamped(prefix(), b"suffix", value("2")).unwrap();
    let committed = tx.commit().await.unwrap();
    for (order, text) in [(0, "1"), (1, "2")] {
        let key = committed.stamp(order).in_key(&prefix(), b"suffix");
        assert_eq!(store.begin().get(&key).await.unwrap(), Some(value(text)));
    }
}

/// A reader may go on from the last stamp that it has seen.
pub async fn a_reader_that_has_seen_a_stamp_never_finds_a_smaller_one_later(engine: Subject) {
    let store = store(&engine);
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let mut tx = store.begin();
                    tx.put_versionstamped(prefix(), b"", value("1")).unwrap();
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    let mut seen: Vec<Stamp> = Vec::new();
    while seen.len() < 200 {
        let now = stamps(&store).await;
        assert!(now.starts_with(&seen), "a stamp appeared before one that was seen");
        seen = now;
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Its place is not known before, so it is checked at the commit.
pub async fn a_stamped_key_conflicts_with_a_scan_of_its_prefix(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    tx.scan(&kv::Range::prefix(&prefix()), Scan::first(10)).await.unwrap();
    tx.put(key("result"), value("empty")).unwrap();
    let mut other = store.begin();
    other.put_versionstamped(prefix(), b"", value("1")).unwrap();
    other.commit().await.unwrap();
    assert_eq!(tx.commit().await, Err(Error::Conflict));
}

/// What comes from another store holds stamps of that store.
pub async fn a_commit_after_a_version_has_a_greater_one_and_so_has_what_follows(engine: Subject) {
    const AFTER: u64 = 1_000_000_000;
    let store = store(&engine);
    let mut old = store.begin();
    assert_eq!(old.get(&key("read")).await.unwrap(), None);
    let mut tx = store.begin();
    tx.commit_after(AFTER);
    tx.put_versionstamped(prefix(), b"", value("1")).unwrap();
    let first = tx.commit().await.unwrap();
    assert!(first.version > AFTER);
    let mut tx = store.begin();
    tx.put_versionstamped(prefix(), b"", value("2")).unwrap();
    tx.put(key("read"), value("2")).unwrap();
    let second = tx.commit().await.unwrap();
    assert_eq!(stamps(&store).await, [first.stamp(0), second.stamp(0)]);
    old.put(key("other"), value("3")).unwrap();
    assert_eq!(old.commit().await, Err(Error::Conflict));
}
