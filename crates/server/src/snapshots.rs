//! Snapshots of the store that are kept open for `pileus backup` and `pileus check`, which ask for
//! them piece by piece. While one is open, no blob is collected.

use crate::{Error, services};
use backup::{Checker, LiveSource, RecordTable, key_check};
use blob::Blobs;
use clock::Ids;
use kv::Transaction;
use service::{Fault, Platform, Transact, transact};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use types::Timestamp;

/// How many may be open at once: each keeps old versions in the store.
const MAX_OPEN: usize = 4;
/// One that nobody asked for anything for so long is closed.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// How long the blobs are held; renewed while half of it is left.
const HOLD: Duration = Duration::from_secs(20 * 60);

/// All open snapshots of this node.
pub(crate) struct Snapshots {
    pub(crate) platform: Arc<Platform>,
    blobs: Blobs,
    table: Arc<RecordTable>,
    key_check: String,
    ids: Ids,
    open: Mutex<HashMap<String, Arc<Session>>>,
}

/// One of them.
pub(crate) struct Session {
    pub(crate) source: LiveSource,
    pub(crate) checker: tokio::sync::Mutex<Checker>,
    times: Mutex<Times>,
}

#[derive(Clone, Copy)]
struct Times {
    used: Timestamp,
    held_until: Timestamp,
}

impl Session {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshots {
    pub(crate) fn new(
        platform: Arc<Platform>,
        blobs: Blobs,
        master_key: &[u8; 32],
    ) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self {
            platform,
            blobs,
            table: Arc::new(services::records(master_key)),
            key_check: key_check(master_key),
            ids: crate::server::ids()?,
            open: Mutex::default(),
        }))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one: first it holds the blobs, then it takes the snapshot.
    pub(crate) async fn begin(self: &Arc<Self>) -> Result<(String, Arc<Session>), Fault> {
        if self.open().len() >= MAX_OPEN {
            let what = format!("{MAX_OPEN} backups or checks are under way: wait for one to end.");
            return Err(Fault::sender("TooManyRequestsException", what).status(429));
        }
        let id = hex::encode(self.ids.bytes::<16>());
        let held_until = self.hold(&id).await?;
        let snapshot = self.platform.store.snapshot().await?;
        let now = self.platform.clock.now();
        let (blobs, table) = (self.blobs.clone(), self.table.clone());
        let checker = Checker::new(snapshot.clone(), blobs.clone(), table.clone(), now);
        let session = Arc::new(Session {
            source: LiveSource::new(snapshot, blobs, table, self.key_check.clone()),
            checker: tokio::sync::Mutex::new(checker),
            times: Mutex::new(Times { used: now, held_until }),
        });
        self.open().insert(id.clone(), session.clone());
        tokio::spawn(close_when_idle(Arc::downgrade(self), id.clone()));
        Ok((id, session))
    }

    /// One that is open, which stays so for a while.
    pub(crate) async fn find(&self, id: &str) -> Result<Arc<Session>, Fault> {
        let session = self.open().get(id).cloned().ok_or_else(|| {
            let what = "This snapshot is not open on this node, or nobody asked for it for long.";
            Fault::sender("ResourceNotFoundException", what).status(404)
        })?;
        let now = self.platform.clock.now();
        session.times().used = now;
        let held_until = session.times().held_until;
        if held_until.since(now) < HOLD / 2 {
            let held_until = self.hold(id).await?;
            session.times().held_until = held_until;
        }
        Ok(session)
    }

    /// Closes one.
    pub(crate) async fn end(&self, id: &str) -> Result<(), Fault> {
        if self.open().remove(id).is_some() {
            transact(&self.platform.store, &Release(self, id)).await?;
        }
        Ok(())
    }

    async fn hold(&self, id: &str) -> Result<Timestamp, Fault> {
        transact(&self.platform.store, &Hold(self, id)).await
    }
}

async fn close_when_idle(snapshots: Weak<Snapshots>, id: String) {
    loop {
        let Some(clock) = snapshots.upgrade().map(|found| found.platform.clock.clone()) else {
            return;
        };
        clock.sleep(IDLE).await;
        let Some(snapshots) = snapshots.upgrade() else { return };
        let Some(session) = snapshots.open().get(&id).cloned() else { return };
        let used = session.times().used;
        if clock.now().since(used) >= IDLE {
            if let Err(fault) = snapshots.end(&id).await {
                tracing::warn!(%fault, "blobs are held longer than they are needed");
            }
            return;
        }
    }
}

struct Hold<'a>(&'a Snapshots, &'a str);

impl Transact for Hold<'_> {
    type Output = Timestamp;

    async fn run(&self, tx: &mut Transaction) -> Result<Timestamp, Fault> {
        let now = self.0.platform.clock.now();
        let until = now + HOLD;
        self.0.blobs.hold(tx, self.1, until, now).await.map_err(|error| of_blob(&error))?;
        Ok(until)
    }
}

struct Release<'a>(&'a Snapshots, &'a str);

impl Transact for Release<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        self.0.blobs.release(tx, self.1).await.map_err(|error| of_blob(&error))
    }
}

/// A conflict stays one, so that the transaction runs again.
pub(crate) fn of_blob(error: &blob::Error) -> Fault {
    match error {
        blob::Error::Store(error) => error.clone().into(),
        other => Fault::internal(other.to_string()),
    }
}
