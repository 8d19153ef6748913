//! The in-memory engine passes the suite of every engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kv::{Engine, Error, Key, Store, Value};
use kv_memory::{Faults, Faulty, MemoryEngine};

fn open() -> (Arc<dyn Engine>, ()) {
    (Arc::new(MemoryEngine::new()), ())
}

kv_conformance::conformance!(open());

#[tokio::test]
async fn a_transaction_that_takes_longer_than_five_seconds_is_too_old() {
    let millis = Arc::new(AtomicU64::new(0));
    let now = millis.clone();
    let engine =
        MemoryEngine::with_elapsed(move || Duration::from_millis(now.load(Ordering::SeqCst)));
    let store = Store::new(engine);
    let key = Key::from_static(b"k");
    let mut at_the_limit = store.begin();
    at_the_limit.get(&key).await.unwrap();
    let mut reading = store.begin();
    reading.get(&key).await.unwrap();
    let mut writing = store.begin();
    writing.get_snapshot(&key).await.unwrap();
    writing.put(key.clone(), Value::new()).unwrap();
    millis.store(5000, Ordering::SeqCst);
    assert!(at_the_limit.commit().await.is_ok());
    millis.store(5001, Ordering::SeqCst);
    assert_eq!(reading.get(&key).await, Err(Error::TooOld));
    assert_eq!(writing.commit().await, Err(Error::TooOld));
}

#[tokio::test]
async fn a_deaf_engine_fires_no_watch() {
    let faults = Faults { deaf: true, ..Faults::default() };
    let store = Store::new(Faulty::new(open().0, 1, faults));
    let mut watch = store.watch(b"k");
    let mut tx = store.begin();
    tx.put(Key::from_static(b"k"), Value::new()).unwrap();
    tx.commit().await.unwrap();
    let mut changed = std::pin::pin!(watch.changed());
    let polled = std::future::poll_fn(|cx| {
        std::task::Poll::Ready(std::future::Future::poll(changed.as_mut(), cx))
    });
    assert!(polled.await.is_pending());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let outcomes = |seed| async move {
        let faults = Faults { conflict: 300, unknown_lost: 300, ..Faults::default() };
        let store = Store::new(Faulty::new(open().0, seed, faults));
        let mut outcomes = Vec::new();
        for _ in 0..50 {
            let mut tx = store.begin();
            tx.put(Key::from_static(b"k"), Value::new()).unwrap();
            outcomes.push(tx.commit().await.map(drop));
        }
        outcomes
    };
    assert_eq!(outcomes(1).await, outcomes(1).await);
    assert_ne!(outcomes(1).await, outcomes(2).await);
}
