use crate::{Config, Error, data_folder::DataFolder, metered::Metered};
use clock::{Ids, SharedClock, SystemClock};
use kv::{Engine, Range, Store};
use kv_embedded::{EmbeddedEngine, Options};
use kv_postgres::PostgresEngine;
use service::metrics::Metrics;
use std::{fs::File, sync::Arc, time::Duration};
use types::Secret;

/// How often a store that cannot be had is asked for again, and how long after one another: for
/// about a second.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The engine under the store of a node.
pub(crate) enum StoreEngine {
    /// In the data folder, for one node.
    Embedded(Arc<EmbeddedEngine>),
    /// On a PostgreSQL, for any number of nodes.
    Postgres(Arc<PostgresEngine>),
}

impl StoreEngine {
    /// Opens what the configuration names, with the master key of what it holds.
    pub(crate) async fn open(
        config: &Config,
        folder: &DataFolder,
        ids: &Ids,
    ) -> Result<(Self, [u8; 32]), Error> {
        let key = |is_new| folder.master_key(config.master_key.as_deref(), is_new, ids.bytes());
        let Some(url) = &config.store else {
            // Before the store is made, so that none is ever there without its key.
            let key = key(true)?;
            return Ok((Self::Embedded(open_embedded(folder).await?), key));
        };
        check_url(url)?;
        let engine = Self::Postgres(Arc::new(PostgresEngine::open(url, ids).await?));
        // A key is made only for a store that is empty: the secrets in any other were encrypted under
        // the one that is missing here.
        let snapshot = engine.store().snapshot().await?;
        let is_new = snapshot.scan(&Range::prefix(b""), false, 1).await?.is_empty();
        Ok((engine, key(is_new)?))
    }

    pub(crate) fn store(&self) -> Store {
        Store::from_engine(self.engine())
    }

    /// The store, with its commits counted.
    pub(crate) fn metered_store(&self, metrics: &Metrics) -> Store {
        Store::new(Metered::new(self.engine(), metrics))
    }

    fn engine(&self) -> Arc<dyn Engine> {
        match self {
            Self::Embedded(engine) => engine.clone(),
            Self::Postgres(engine) => engine.clone(),
        }
    }

    /// The clock that services go by: where nodes share a store, that of the store.
    pub(crate) fn clock(&self) -> SharedClock {
        match self {
            Self::Embedded(_) => Arc::new(SystemClock::default()),
            Self::Postgres(engine) => engine.clock(),
        }
    }

    /// Ends when the store has failed for good.
    pub(crate) async fn failed(&self) -> kv::Error {
        match self {
            Self::Embedded(engine) => engine.failed().await,
            Self::Postgres(engine) => engine.failed().await,
        }
    }
}

/// Opens the embedded store. A process that was killed a moment ago may still hold its lock.
async fn open_embedded(folder: &DataFolder) -> Result<Arc<EmbeddedEngine>, Error> {
    let mut tries = 0;
    loop {
        let path = folder.store();
        let open = move || EmbeddedEngine::open(&path, Options::default());
        let opened = tokio::task::spawn_blocking(open).await;
        match opened.map_err(|error| Error::Setup(error.to_string()))? {
            Ok(engine) => return Ok(Arc::new(engine)),
            Err(kv::Error::Unavailable(_)) if tries < LOCK_TRIES => {
                tries += 1;
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What keeps a second node out of the data folder: the embedded store has a lock of its own.
pub(crate) fn lock(config: &Config, folder: &DataFolder) -> Result<Option<File>, Error> {
    if config.store.is_none() {
        return Ok(None);
    }
    let path = folder.path().join("node.lock");
    let file =
        File::create(&path).map_err(|source| Error::Folder { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(_) => Err(Error::Content {
            path,
            reason: "another node uses this data folder; give each its own with --data".to_owned(),
        }),
    }
}

fn check_url(url: &Secret) -> Result<(), Error> {
    let known = ["postgres://", "postgresql://"];
    if known.iter().any(|scheme| url.expose().starts_with(scheme)) {
        return Ok(());
    }
    Err(Error::Part {
        part: "the store",
        reason: "--store must be postgres://user:password@host:port/database".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_that_another_process_holds_is_waited_for_and_then_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(folder.path()).unwrap();
        let held = open_embedded(&folder).await.unwrap();
        let refused = open_embedded(&folder).await.err().unwrap().to_string();
        assert!(refused.contains("another process uses this data folder"), "{refused}");
        let (opened, ()) = tokio::join!(open_embedded(&folder), async { drop(held) });
        opened.unwrap();
    }
}
