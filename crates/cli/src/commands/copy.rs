//! `pileus copy`

use crate::{
    BlobAccess,
    error::Error,
    host::{Host, Place},
    session::Session,
    whole::{self, Bar},
};
use std::{path::PathBuf, process::ExitCode};
use types::Secret;

const EXAMPLES: &str = "\
Examples:
  pileus copy --from .pileus --to postgres://pileus@db/pileus --blobs /mnt/shared

Stop the installation first. Afterwards start any number of nodes with --store, --blobs and
--master-key, which is the master.key of the old data folder; that folder is left as it is.";

/// The flags of `pileus copy`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Copy {
    /// The data folder to copy
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The empty PostgreSQL to copy to: postgres://user:password@host:port/database
    #[arg(long, value_name = "URL", env = "PILEUS_STORE", hide_env_values = true)]
    to: String,
    /// Where its large bytes go: s3://bucket/prefix, or a folder that all nodes share
    #[arg(long, value_name = "PLACE", env = "PILEUS_BLOBS")]
    blobs: PathBuf,
    #[command(flatten)]
    blob_access: BlobAccess,
    /// The file of the key that secrets are encrypted with [default: master.key in the data folder]
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
}

/// Copies from one store to another.
pub(crate) fn run(command: &Copy, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    let bar = Bar::new("copy", session);
    let key = command.master_key.clone();
    let from = Place { data: command.from.clone(), master_key: key.clone(), ..Place::default() };
    let to = Place {
        data: command.from.clone(),
        store: Some(Secret::new(&command.to)),
        blobs: Some(command.blobs.clone()),
        blob_access: command.blob_access.clone(),
        master_key: key,
    };
    let done = host.copy(&from, &to, &|progress| bar.show(progress))?;
    bar.finish();
    whole::report(session, "copied", &command.from, &done)?;
    Ok(ExitCode::SUCCESS)
}
