//! Watches. A watch may fire for nothing, so these cases only ask that it fires when it must.

use futures_util::future::select_all;
use kv::{KeyBuilder, Watch};

use crate::{Subject, TAG, key, put, store, value};

/// A key, a prefix of it, and a stamped key under it.
pub async fn a_watch_wakes_after_a_write_under_its_prefix(engine: Subject) {
    let store = store(&engine);
    let prefix = KeyBuilder::new(TAG).str("queue").build();
    for stamped in [false, true] {
        let mut watch = store.watch(&prefix);
        let (watching, writing) = (watch.changed(), async {
            let mut tx = store.begin();
            if stamped {
                tx.put_versionstamped(prefix.clone(), b"", value("1")).unwrap();
            } else {
                tx.put(KeyBuilder::new(TAG).str("queue").u64(1).build(), value("1")).unwrap();
            }
            tx.commit().await.unwrap();
        });
        tokio::join!(watching, writing);
    }
    let mut watch = store.watch(&key("a"));
    let mut tx = store.begin();
    tx.delete(key("a")).unwrap();
    tx.commit().await.unwrap();
    watch.changed().await;
}

/// So that nothing is missed between a read and the wait.
pub async fn a_watch_sees_what_was_written_before_it_waits(engine: Subject) {
    let store = store(&engine);
    let mut watch = store.watch(&key("a"));
    put(&store, "a", "1").await;
    watch.changed().await;
    put(&store, "a", "2").await;
    put(&store, "a", "3").await;
    watch.changed().await;
}

/// Each of three writes wakes one of three waiters at least. That it wakes no other cannot be asked
/// for: nodes hear of a write more than once.
pub async fn one_written_key_wakes_one_of_the_single_watches(engine: Subject) {
    let store = store(&engine);
    let mut watches: Vec<Watch> = (0..3).map(|_| store.watch_one(&key("a"))).collect();
    for _ in 1..=3 {
        put(&store, "a", "1").await;
        let (_, one, _) =
            select_all(watches.iter_mut().map(|watch| Box::pin(watch.changed()))).await;
        watches.remove(one);
    }
}

/// A waiter that goes away does not take a wake-up with it.
pub async fn a_wake_up_that_nobody_saw_passes_on(engine: Subject) {
    let store = store(&engine);
    let first = store.watch_one(&key("a"));
    let mut second = store.watch_one(&key("a"));
    put(&store, "a", "1").await;
    drop(first);
    second.changed().await;
}
