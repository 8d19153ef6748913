//! What is there after a store was closed and opened again.

use kv::{Error, KeyBuilder, KeyReader, Range, Scan, Stamp, Store, Value};

use super::{TAG, all, files, open, put};
use crate::Options;

/// Everything moves to table files at once.
const TINY: Options = Options { cache_bytes: 1 << 20, memtable_bytes: 1024 };

#[tokio::test]
async fn everything_is_there_again() {
    for options in [Options::default(), TINY] {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..5u64 {
            let store = open(folder.path(), options).unwrap();
            let entries = all(&store).await.unwrap();
            let numbers: Vec<_> = entries.iter().map(|entry| entry.value.clone()).collect();
            let expected: Vec<_> =
                (0..round * 50).map(|number| Value::from(number.to_string())).collect();
            assert_eq!(numbers, expected);
            for number in round * 50..(round + 1) * 50 {
                put(&store, number, &number.to_string()).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn stamps_grow_across_restarts_even_when_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = KeyBuilder::new(TAG).build();
    let mut last = Stamp::MIN;
    for _ in 0..20 {
        let store = open(folder.path(), TINY).unwrap();
        let mut tx = store.begin();
        tx.put_versionstamped(prefix.clone(), b"", Value::from(vec![0; 2000])).unwrap();
        let stamp = tx.commit().await.unwrap().stamp(0);
        assert!(stamp > last, "{stamp:?} after {last:?}");
        let mut tx = store.begin();
        let entries = tx.scan(&Range::prefix(&prefix), Scan::first(10)).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(KeyReader::new(TAG, &entries[0].key).unwrap().stamp().unwrap(), stamp);
        tx.delete(entries[0].key.clone()).unwrap();
        last = Stamp::new(tx.commit().await.unwrap().version, u16::MAX);
    }
}

#[tokio::test]
async fn log_files_are_removed_when_tables_hold_what_they_held() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), TINY).unwrap();
    for number in 0..500 {
        put(&store, number % 10, "some value of a few bytes").await.unwrap();
    }
    drop(store);
    let logs = files(&folder.path().join("log"));
    assert!(!logs[0].ends_with(format!("{:020}.log", 1)), "{logs:?}");
    assert!(logs.len() <= 8, "{logs:?}");
    assert_eq!(all(&open(folder.path(), TINY).unwrap()).await.unwrap().len(), 10);
}

#[tokio::test]
async fn a_snapshot_outlives_flushes_and_compactions() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), TINY).unwrap();
    for number in 0..20 {
        put(&store, number, "before").await.unwrap();
    }
    let snapshot = store.snapshot().await.unwrap();
    for round in 0..40 {
        for number in 0..20 {
            put(&store, number, &format!("after {round}")).await.unwrap();
        }
    }
    let entries = snapshot.scan(&Range::prefix(b""), false, 1000).await.unwrap();
    assert_eq!(entries.len(), 20);
    assert!(entries.iter().all(|entry| &entry.value[..] == b"before"));
}

#[tokio::test]
async fn a_folder_in_use_is_not_opened_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), TINY).unwrap();
    let refused = |opened: Result<Store, Error>| match opened {
        Err(Error::Unavailable(why)) => assert!(why.contains("locked"), "{why}"),
        other => panic!("{other:?}"),
    };
    refused(open(folder.path(), TINY));
    // A reader that is still there needs the files.
    let snapshot = store.snapshot().await.unwrap();
    drop(store);
    refused(open(folder.path(), TINY));
    drop(snapshot);
    open(folder.path(), TINY).unwrap();
}

#[tokio::test]
async fn an_interrupted_creation_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), TINY).unwrap());
    std::fs::remove_file(folder.path().join("format")).unwrap();
    assert!(matches!(open(folder.path(), TINY), Err(Error::Corrupt(_))), "it has tables");
    std::fs::remove_dir_all(folder.path().join("tables")).unwrap();
    put(&open(folder.path(), TINY).unwrap(), 1, "works").await.unwrap();
}
