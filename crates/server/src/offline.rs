//! A whole installation that no node has open: backups, restores, copies and checks of it.

use crate::{
    Config, Error,
    blob_place::BlobPlace,
    data_folder::DataFolder,
    services,
    store::{self, StoreEngine},
};
use backup::{
    Checker, Folder, LiveSource, Observer, Progress, RecordTable, Source, Step, key_check,
};
use blob::Blobs;
use clock::SharedClock;
use kv::{Store, Transaction};
use service::{Fault, Transact, transact};
use std::{fs::File, path::Path, sync::Arc, time::Duration};

/// Nodes that share the store may collect blobs again after this time, whatever happens here.
const HOLD: Duration = Duration::from_secs(24 * 3_600);
/// Who holds them.
const HOLDER: &str = "offline";

/// Backs up an installation into an empty folder.
///
/// # Errors
/// It runs, is not there, is damaged, or the folder cannot be written.
pub async fn backup(config: &Config, to: &Path, observer: Observer<'_>) -> Result<Progress, Error> {
    let place = Place::open(config).await?;
    let source = place.source().await?;
    let saved = backup::save(&source, to, place.clock.now(), observer).await;
    place.release().await?;
    Ok(saved?)
}

/// Makes an installation of a backup, in a store that is empty. Its master key must be there.
///
/// # Errors
/// The backup is damaged, the place is not empty, or the master key is not there or another.
pub async fn restore(
    from: &Path,
    config: &Config,
    observer: Observer<'_>,
) -> Result<Progress, Error> {
    let source = Folder::open(from, observer)?;
    check_key(config, &source)?;
    let place = Place::create(config).await?;
    Ok(backup::load(&source, &place.store, &place.blobs, observer).await?)
}

/// Copies an installation to another place, which must be empty. Both have one master key.
///
/// # Errors
/// As of [`backup()`] and [`restore()`].
pub async fn copy(from: &Config, to: &Config, observer: Observer<'_>) -> Result<Progress, Error> {
    let from = Place::open(from).await?;
    let source = from.source().await?;
    check_key(to, &source)?;
    let to = Place::create(to).await?;
    let copied = backup::load(&source, &to.store, &to.blobs, observer).await;
    from.release().await?;
    Ok(copied?)
}

/// Checks an installation, and tells what each step has found.
///
/// # Errors
/// It runs, is not there, or cannot be read at all.
pub async fn check(config: &Config, take: &dyn Fn(Step)) -> Result<(), Error> {
    let place = Place::open(config).await?;
    place.hold().await?;
    let (blobs, table) = (place.blobs.clone(), place.table.clone());
    let snapshot = place.store.snapshot().await?;
    let mut checker = Checker::new(snapshot, blobs, table, place.clock.now());
    loop {
        let step = checker.step().await?;
        let done = step.done;
        take(step);
        if done {
            return place.release().await;
        }
    }
}

/// The store and the blobs of an installation.
struct Place {
    store: Store,
    blobs: Blobs,
    table: Arc<RecordTable>,
    clock: SharedClock,
    key_check: String,
    /// Held as long as the store is open.
    _lock: Option<File>,
}

impl Place {
    /// One that is there.
    async fn open(config: &Config) -> Result<Self, Error> {
        let folder = DataFolder::existing(&config.data)?;
        if config.store.is_none() && !folder.store().is_dir() {
            let reason = "there is no store in this data folder".to_owned();
            return Err(Error::Content { path: folder.store(), reason });
        }
        let place = Self::at(config, &folder).await?;
        if backup::is_incomplete(&place.store).await? {
            return Err(Error::Setup(INCOMPLETE.to_owned()));
        }
        Ok(place)
    }

    /// One that is to be made; the master key is there.
    async fn create(config: &Config) -> Result<Self, Error> {
        let folder = DataFolder::open(&config.data)?;
        if config.store.is_none() && folder.store().exists() {
            let reason = "there is a store already: nothing is restored over it".to_owned();
            return Err(Error::Content { path: folder.store(), reason });
        }
        Self::at(config, &folder).await
    }

    async fn at(config: &Config, folder: &DataFolder) -> Result<Self, Error> {
        let lock = store::lock(config, folder)?;
        let (engine, master_key) =
            StoreEngine::open(config, folder, &crate::server::ids()?).await?;
        let store = engine.store();
        let blobs = BlobPlace::find(config, folder)?.open(&store, &master_key)?;
        let table = Arc::new(services::records(&master_key));
        let (clock, key_check) = (engine.clock(), key_check(&master_key));
        Ok(Self { store, blobs, table, clock, key_check, _lock: lock })
    }

    async fn source(&self) -> Result<LiveSource, Error> {
        self.hold().await?;
        let snapshot = self.store.snapshot().await?;
        let (blobs, table) = (self.blobs.clone(), self.table.clone());
        Ok(LiveSource::new(snapshot, blobs, table, self.key_check.clone()))
    }

    async fn hold(&self) -> Result<(), Error> {
        self.transact(true).await
    }

    async fn release(&self) -> Result<(), Error> {
        self.transact(false).await
    }

    async fn transact(&self, hold: bool) -> Result<(), Error> {
        let done = transact(&self.store, &Hold { place: self, hold }).await;
        done.map_err(|fault| Error::Part { part: "the hold of blobs", reason: fault.to_string() })
    }
}

/// What a node says that finds the trace of a restore.
pub(crate) const INCOMPLETE: &str =
    "a restore into this store did not come to its end: remove it and restore again";

struct Hold<'a> {
    place: &'a Place,
    hold: bool,
}

impl Transact for Hold<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let now = self.place.clock.now();
        let done = if self.hold {
            self.place.blobs.hold(tx, HOLDER, now + HOLD, now).await
        } else {
            self.place.blobs.release(tx, HOLDER).await
        };
        done.map_err(|error| crate::snapshots::of_blob(&error))
    }
}

/// The key must be there, and be the one that the secrets in the source were encrypted with.
fn check_key(config: &Config, source: &dyn Source) -> Result<(), Error> {
    let folder = DataFolder::open(&config.data)?;
    let (path, key) = folder.existing_key(config.master_key.as_deref())?;
    if key_check(&key) == source.head().key_check {
        return Ok(());
    }
    let reason = "this is not the master key of that installation: its secrets cannot be read \
                  with it"
        .to_owned();
    Err(Error::Content { path, reason })
}
