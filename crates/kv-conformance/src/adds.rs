//! Adding to numbers without reading them.

use kv::Error;

use crate::{Subject, get, key, put, store, value};

async fn number(store: &kv::Store, name: &str) -> i64 {
    let bytes = get(store, name).await.unwrap();
    i64::from_le_bytes(bytes[..].try_into().unwrap())
}

/// None conflicts, none is lost.
pub async fn adds_from_many_tasks_all_count(engine: Subject) {
    let store = store(&engine);
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..25 {
                    let mut tx = store.begin();
                    tx.add(key("count"), task).unwrap();
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(number(&store, "count").await, 25 * 120);
}

/// A number that was read is tracked like anything else.
pub async fn an_add_conflicts_with_a_reader(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    tx.get(&key("count")).await.unwrap();
    tx.put(key("copy"), value("0")).unwrap();
    let mut other = store.begin();
    other.add(key("count"), 1).unwrap();
    other.commit().await.unwrap();
    assert_eq!(tx.commit().await, Err(Error::Conflict));

    // Also a reader that has added itself.
    let mut tx = store.begin();
    tx.add(key("count"), 1).unwrap();
    tx.get(&key("count")).await.unwrap();
    let mut other = store.begin();
    other.add(key("count"), 1).unwrap();
    other.commit().await.unwrap();
    assert_eq!(tx.commit().await, Err(Error::Conflict));
}

/// As the interface says.
pub async fn an_add_wraps_around(engine: Subject) {
    let store = store(&engine);
    for delta in [i64::MAX, 1] {
        let mut tx = store.begin();
        tx.add(key("count"), delta).unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(number(&store, "count").await, i64::MIN);
}

/// Nothing of its transaction happens, and others are not harmed.
pub async fn an_add_to_what_is_no_number_fails_alone(engine: Subject) {
    let store = store(&engine);
    put(&store, "text", "not eight bytes").await;
    let mut good = store.begin();
    good.add(key("count"), 1).unwrap();
    let mut bad = store.begin();
    bad.put(key("beside"), value("1")).unwrap();
    bad.add(key("count"), 10).unwrap();
    bad.add(key("text"), 1).unwrap();
    let (good, bad) = tokio::join!(good.commit(), bad.commit());
    good.unwrap();
    assert!(matches!(bad, Err(Error::Corrupt(_))), "{bad:?}");
    assert_eq!(get(&store, "beside").await, None);
    assert_eq!(number(&store, "count").await, 1);
}
