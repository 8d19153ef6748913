//! What the commands share that handle a whole installation: `backup`, `restore`, `check`, `copy`.

mod bar;
mod remote;

pub(crate) use bar::Bar;
pub(crate) use remote::Remote;

use crate::{BlobAccess, error::Error, host::Place, output, session::Session};
use backup::Progress;
use serde_json::json;
use std::path::{Path, PathBuf};
use types::Secret;

/// The key of an installation that does not run.
#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    /// The file of the key that secrets are encrypted with [default: master.key in the data folder]
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
}

impl Key {
    /// The data folder of this run, with its own store and blobs.
    pub(crate) fn place(&self, session: &Session) -> Place {
        let master_key = self.master_key.clone();
        Place { data: session.data(), master_key, ..Place::default() }
    }
}

/// Where a new installation goes, if not into the data folder alone.
#[derive(Debug, clap::Args)]
pub(crate) struct To {
    /// A PostgreSQL that will hold the store, postgres://user:password@host:port/database
    /// [default: the store is in the data folder]
    #[arg(long, value_name = "URL", env = "PILEUS_STORE", hide_env_values = true)]
    store: Option<String>,
    /// Where large bytes go [default: blobs in the data folder]
    #[arg(long, value_name = "PLACE", env = "PILEUS_BLOBS")]
    blobs: Option<PathBuf>,
    #[command(flatten)]
    blob_access: BlobAccess,
}

impl To {
    pub(crate) fn complete(&self, place: &mut Place) {
        place.store = self.store.as_ref().map(Secret::new);
        place.blobs.clone_from(&self.blobs);
        place.blob_access.clone_from(&self.blob_access);
    }
}

/// Tells what was done.
pub(crate) fn report(
    session: &Session,
    verb: &str,
    path: &Path,
    done: &Progress,
) -> Result<(), Error> {
    let Progress { entries, blobs, bytes, .. } = done;
    if session.json() {
        let path = path.display().to_string();
        return Ok(output::json(&json!({
            "path": path, "entries": entries, "blobs": blobs, "bytes": bytes,
        }))?);
    }
    let megabytes = *bytes as f64 / 1_000_000.0;
    Ok(output::line(&format!(
        "{verb} {}: {entries} entries, {blobs} blobs, {megabytes:.1} MB",
        path.display()
    ))?)
}
