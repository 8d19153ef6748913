//! Watches. A watch may fire for nothing, so these cases only ask that it fires when it must.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use kv::{KeyBuilder, Watch};

use crate::{Subject, TAG, key, put, store, value};

/// Whether a watch has fired, without waiting.
fn has_fired(watch: &mut Watch) -> bool {
    let mut changed = std::pin::pin!(watch.changed());
    changed.as_mut().poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
}

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

/// Of three waiters, two keys wake two.
pub async fn one_written_key_wakes_one_of_the_single_watches(engine: Subject) {
    let store = store(&engine);
    let mut watches: Vec<Watch> = (0..3).map(|_| store.watch_one(&key("a"))).collect();
    let mut all = store.watch(&key("a"));
    for count in 1..=3 {
        put(&store, "a", "1").await;
        all.changed().await;
        let fired = watches.iter_mut().filter_map(|watch| has_fired(watch).then_some(())).count();
        assert_eq!(fired, 1, "write {count}");
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
