//! Reads and scans.

use kv::{Entry, Range, Scan, Store};

use crate::{Subject, TAG, get, key, put, store, value};

fn names(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| kv::KeyReader::new(TAG, &entry.key).unwrap().str().unwrap())
        .collect()
}

async fn fill(store: &Store, count: usize) -> Vec<String> {
    let mut tx = store.begin();
    let names: Vec<String> = (0..count).map(|number| format!("{number:05}")).collect();
    for name in &names {
        tx.put(key(name), value(name)).unwrap();
    }
    tx.commit().await.unwrap();
    names
}

/// Puts, deletes and adds are seen by the transaction that made them, and by no other before it
/// commits.
pub async fn a_transaction_reads_its_own_writes(engine: Subject) {
    let store = store(&engine);
    put(&store, "old", "1").await;
    let mut tx = store.begin();
    tx.put(key("new"), value("2")).unwrap();
    tx.delete(key("old")).unwrap();
    tx.add(key("count"), 3).unwrap();
    tx.add(key("count"), 4).unwrap();
    assert_eq!(tx.get(&key("new")).await.unwrap(), Some(value("2")));
    assert_eq!(tx.get(&key("old")).await.unwrap(), None);
    assert_eq!(tx.get(&key("count")).await.unwrap().unwrap()[..], 7i64.to_le_bytes());
    assert_eq!(get(&store, "new").await, None);
    assert_eq!(get(&store, "old").await, Some(value("1")));
    tx.commit().await.unwrap();
    assert_eq!(get(&store, "new").await, Some(value("2")));
    assert_eq!(get(&store, "old").await, None);
    assert_eq!(get(&store, "count").await.unwrap()[..], 7i64.to_le_bytes());
}

/// A scan merges the snapshot with own puts, deletes and adds, in both directions and at any limit.
pub async fn scans_see_own_writes_in_order_both_ways(engine: Subject) {
    let store = store(&engine);
    for name in ["b", "d", "f", "h"] {
        put(&store, name, name).await;
    }
    let mut tx = store.begin();
    for name in ["a", "c", "h"] {
        tx.put(key(name), value("own")).unwrap();
    }
    tx.delete(key("b")).unwrap();
    tx.delete(key("f")).unwrap();
    tx.delete(key("z")).unwrap();
    tx.add(key("e"), 1).unwrap();
    let all = ["a", "c", "d", "e", "h"];
    for limit in 1..=6 {
        let first = tx.scan(&TAG.range(), Scan::first(limit)).await.unwrap();
        let expected: Vec<&str> = all.iter().copied().take(limit).collect();
        assert_eq!(names(&first), expected);
        let last = tx.scan(&TAG.range(), Scan::last(limit)).await.unwrap();
        let expected: Vec<&str> = all.iter().copied().rev().take(limit).collect();
        assert_eq!(names(&last), expected);
    }
    let entries = tx.scan(&TAG.range(), Scan::last(1)).await.unwrap();
    assert_eq!(entries[0].value, value("own"));
}

/// Also across more entries than an engine reads at once.
pub async fn scans_are_ordered_and_limited_both_ways(engine: Subject) {
    let store = store(&engine);
    let all = fill(&store, 1500).await;
    let mut tx = store.begin();
    for limit in [1, 7, 256, 257, 1500, 9999] {
        let first = tx.scan(&TAG.range(), Scan::first(limit)).await.unwrap();
        assert!(names(&first).iter().eq(all.iter().take(limit)), "first {limit}");
        let last = tx.scan(&TAG.range(), Scan::last(limit)).await.unwrap();
        assert!(names(&last).iter().eq(all.iter().rev().take(limit)), "last {limit}");
    }
    let part = Range::new(key("00003"), key("00007"));
    let entries = tx.scan(&part, Scan::first(100)).await.unwrap();
    assert_eq!(names(&entries), ["00003", "00004", "00005", "00006"]);
    let entries = tx.scan(&part, Scan::last(2)).await.unwrap();
    assert_eq!(names(&entries), ["00006", "00005"]);
}

/// A transaction sees the state as of its first read, whatever others do.
pub async fn a_snapshot_does_not_move(engine: Subject) {
    let store = store(&engine);
    put(&store, "a", "1").await;
    put(&store, "b", "1").await;
    let mut tx = store.begin();
    assert_eq!(tx.get_snapshot(&key("a")).await.unwrap(), Some(value("1")));
    for round in 0..20 {
        put(&store, "a", &round.to_string()).await;
        put(&store, "c", "new").await;
        let mut other = store.begin();
        other.delete(key("b")).unwrap();
        other.commit().await.unwrap();
    }
    assert_eq!(tx.get_snapshot(&key("a")).await.unwrap(), Some(value("1")));
    let entries = tx.scan(&TAG.range(), Scan::first(10).snapshot()).await.unwrap();
    assert_eq!(names(&entries), ["a", "b"]);
    assert_eq!(entries[0].value, value("1"));
}

/// It never conflicts: its snapshot was a moment at which everything was as it read it.
pub async fn a_transaction_that_only_reads_commits_for_free(engine: Subject) {
    let store = store(&engine);
    put(&store, "a", "1").await;
    let mut tx = store.begin();
    tx.get(&key("a")).await.unwrap();
    assert!(tx.is_read_only());
    put(&store, "a", "2").await;
    let read = tx.commit().await.unwrap().version;
    let mut tx = store.begin();
    tx.get(&key("a")).await.unwrap();
    assert!(tx.commit().await.unwrap().version > read);
    assert_eq!(store.begin().commit().await.unwrap().version, 0);
}

/// Neither does one whose end is before its start.
pub async fn an_empty_range_holds_nothing(engine: Subject) {
    let store = store(&engine);
    put(&store, "b", "1").await;
    let mut tx = store.begin();
    for range in [Range::new(key("b"), key("b")), Range::new(key("c"), key("a"))] {
        assert_eq!(tx.scan(&range, Scan::first(10)).await.unwrap(), []);
        assert_eq!(tx.scan(&range, Scan::last(10)).await.unwrap(), []);
    }
    assert_eq!(tx.scan(&TAG.range(), Scan::first(0)).await.unwrap(), []);
    assert_eq!(tx.get(&kv::Key::new()).await.unwrap(), None);
}
