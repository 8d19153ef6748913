//! What happens when the disk fails.

use std::time::Duration;

use kv::{Error, Store};

use super::disk::Mode;
use super::{all, put, shared_disk};
use crate::{EmbeddedEngine, Options, maintenance};

#[tokio::test]
async fn a_failed_sync_stops_the_engine_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let disk = shared_disk();
    let engine = EmbeddedEngine::open_on(disk.clone(), folder.path(), Options::default()).unwrap();
    let engine = std::sync::Arc::new(engine);
    let store = Store::from_engine(engine.clone());
    put(&store, 1, "kept").await.unwrap();

    disk.set(Mode::FailsToSync);
    assert_eq!(put(&store, 2, "unknown").await, Err(Error::CommitUnknown));
    assert!(engine.failed().await.to_string().contains("injected"));
    disk.set(Mode::Works);
    assert!(matches!(put(&store, 3, "refused").await, Err(Error::Unavailable(_))));
    assert!(matches!(all(&store).await, Err(Error::Unavailable(_))));

    drop((store, engine));
    let store = reopened(folder.path()).await;
    let entries = all(&store).await.unwrap();
    assert_eq!(&entries[0].value[..], b"kept");
    assert!(entries.len() <= 2, "what was refused was stored");
}

/// The thread that failed may hold the folder a moment longer than the engine's last handle.
async fn reopened(path: &std::path::Path) -> Store {
    loop {
        match super::open(path, Options::default()) {
            Err(Error::Unavailable(_)) => tokio::task::yield_now().await,
            opened => return opened.unwrap(),
        }
    }
}

#[tokio::test]
async fn a_commit_that_hangs_is_given_up_as_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let disk = shared_disk();
    let engine = EmbeddedEngine::open_on(disk.clone(), folder.path(), Options::default()).unwrap();
    let shared = engine.shared().clone();
    let store = Store::new(engine);
    disk.set(Mode::Hangs);
    let watchdog = std::thread::spawn(move || {
        while shared.check().is_ok() {
            maintenance::check_hang(&shared, Duration::from_nanos(1));
        }
    });
    let given_up = put(&store, 1, "never").await;
    let refused = put(&store, 2, "refused").await;
    // Before anything can fail here: closing a store whose disk hangs would hang too.
    disk.set(Mode::Works);
    assert_eq!(given_up, Err(Error::CommitUnknown));
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    watchdog.join().unwrap();
}

#[tokio::test]
async fn a_store_that_is_not_busy_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(folder.path(), Options::default()).unwrap();
    maintenance::check_hang(engine.shared(), Duration::from_nanos(1));
    assert!(put(&Store::new(engine), 1, "fine").await.is_ok());
}
