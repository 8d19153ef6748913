//! `pileus restore`

use crate::{
    error::Error,
    host::Host,
    output,
    session::Session,
    whole::{self, Bar},
};
use std::{path::PathBuf, process::ExitCode};

const EXAMPLES: &str = "\
Examples:
  pileus restore /mnt/backups/2026-11-23 --data /var/lib/pileus --master-key /root/master.key
  pileus restore nightly --store postgres://pileus@db/pileus --blobs /mnt/shared --master-key k

Every file of the backup is checked first. The store must be empty. The master key is the one of the
installation that was backed up: name it, or put it into the data folder as master.key.";

/// The flags of `pileus restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Restore {
    /// The folder of the backup
    from: PathBuf,
    #[command(flatten)]
    to: whole::To,
    #[command(flatten)]
    key: whole::Key,
}

/// Fills a store that nobody has open.
pub(crate) fn run(
    command: &Restore,
    session: &Session,
    host: &dyn Host,
) -> Result<ExitCode, Error> {
    let bar = Bar::new("restore", session);
    let mut place = command.key.place(session);
    command.to.complete(&mut place);
    let done = host.restore(&command.from, &place, &|progress| bar.show(progress))?;
    bar.finish();
    whole::report(session, "restored", &place.data, &done)?;
    if !session.json() {
        output::note(&format!("start it with `pileus up --data {}`", place.data.display()));
    }
    Ok(ExitCode::SUCCESS)
}
