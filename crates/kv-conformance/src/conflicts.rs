//! Which transactions conflict, and which do not.

use kv::{Error, Range, Scan, Store, Transaction};

use crate::{Subject, TAG, get, key, put, store, value};

/// Commits `tx`, which has read, after another has written `name`.
async fn commit_after_write(store: &Store, mut tx: Transaction, name: &str) -> Result<(), Error> {
    put(store, name, "other").await;
    tx.put(key("result"), value("x")).unwrap();
    tx.commit().await.map(drop)
}

/// The lost update.
pub async fn of_two_that_read_and_write_one_key_the_second_fails(engine: Subject) {
    let store = store(&engine);
    put(&store, "a", "0").await;
    let (mut first, mut second) = (store.begin(), store.begin());
    for tx in [&mut first, &mut second] {
        tx.get(&key("a")).await.unwrap();
        tx.put(key("a"), value("1")).unwrap();
    }
    first.commit().await.unwrap();
    assert_eq!(second.commit().await, Err(Error::Conflict));
}

/// Two that find a name free: one gets it.
pub async fn an_absent_key_that_appears_conflicts(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    assert_eq!(tx.get(&key("a")).await.unwrap(), None);
    assert_eq!(commit_after_write(&store, tx, "a").await, Err(Error::Conflict));
    assert_eq!(get(&store, "result").await, None);
}

/// Also if it was written again in between.
pub async fn a_deleted_key_conflicts(engine: Subject) {
    let store = store(&engine);
    put(&store, "a", "1").await;
    let mut tx = store.begin();
    tx.get(&key("a")).await.unwrap();
    let mut other = store.begin();
    other.delete(key("a")).unwrap();
    other.commit().await.unwrap();
    assert_eq!(commit_after_write(&store, tx, "unrelated").await, Err(Error::Conflict));

    let mut tx = store.begin();
    tx.get(&key("a")).await.unwrap();
    let mut other = store.begin();
    other.put(key("a"), value("1")).unwrap();
    other.commit().await.unwrap();
    let mut other = store.begin();
    other.delete(key("a")).unwrap();
    other.commit().await.unwrap();
    assert_eq!(commit_after_write(&store, tx, "unrelated").await, Err(Error::Conflict));
}

/// Each reads what the other writes.
pub async fn write_skew_is_refused(engine: Subject) {
    let store = store(&engine);
    let (mut first, mut second) = (store.begin(), store.begin());
    first.get(&key("a")).await.unwrap();
    second.get(&key("b")).await.unwrap();
    first.put(key("b"), value("1")).unwrap();
    second.put(key("a"), value("1")).unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.commit().await, Err(Error::Conflict));
}

/// Neither of a key nor of a range.
pub async fn a_snapshot_read_conflicts_with_nothing(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    tx.get_snapshot(&key("a")).await.unwrap();
    tx.scan(&TAG.range(), Scan::first(10).snapshot()).await.unwrap();
    assert_eq!(commit_after_write(&store, tx, "a").await, Ok(()));
}

/// A snapshot read that was promoted.
pub async fn a_required_read_conflicts(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    tx.get_snapshot(&key("a")).await.unwrap();
    tx.require_read(&key("a"));
    assert_eq!(commit_after_write(&store, tx, "a").await, Err(Error::Conflict));
}

/// The phantom.
pub async fn a_key_that_appears_in_a_scanned_range_conflicts(engine: Subject) {
    let store = store(&engine);
    let range = Range::new(key("b"), key("d"));
    for (name, expected) in
        [("a", Ok(())), ("b", Err(Error::Conflict)), ("c", Err(Error::Conflict)), ("d", Ok(()))]
    {
        for scan in [Scan::first(10), Scan::last(10)] {
            let mut tx = store.begin();
            tx.scan(&range, scan).await.unwrap();
            assert_eq!(commit_after_write(&store, tx, name).await, expected, "{name}");
        }
    }
}

/// What lies behind the last entry of a limited scan is nobody's business.
pub async fn a_scan_that_stops_at_its_limit_conflicts_with_what_it_read_only(engine: Subject) {
    let store = store(&engine);
    for name in ["b", "d", "f", "h"] {
        put(&store, name, "1").await;
    }
    let conflict = || Err(Error::Conflict);
    for (scan, name, expected) in [
        (Scan::first(2), "f", Ok(())),
        (Scan::first(2), "d", conflict()),
        (Scan::last(2), "d", Ok(())),
        (Scan::last(2), "f", conflict()),
        // Keys that were not there.
        (Scan::last(1), "g", Ok(())),
        (Scan::last(1), "z", conflict()),
        (Scan::first(1), "c", Ok(())),
        (Scan::first(1), "a", conflict()),
        (Scan::first(99), "zz", conflict()),
        (Scan::last(99), "0", conflict()),
    ] {
        let mut tx = store.begin();
        tx.scan(&TAG.range(), scan).await.unwrap();
        put(&store, name, "other").await;
        tx.put(kv::Key::from_static(b"elsewhere"), value("x")).unwrap();
        assert_eq!(tx.commit().await.map(drop), expected, "{name} {scan:?}");
    }
}

/// The last one wins.
pub async fn blind_writes_conflict_with_nothing(engine: Subject) {
    let store = store(&engine);
    let (mut first, mut second) = (store.begin(), store.begin());
    first.put(key("a"), value("1")).unwrap();
    second.put(key("a"), value("2")).unwrap();
    second.commit().await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(get(&store, "a").await, Some(value("1")));
}
