//! `pileus backup`

use crate::{
    error::Error,
    host::Host,
    output,
    session::Session,
    whole::{self, Bar, Remote},
};
use backup::Progress;
use clock::{Clock, SystemClock};
use std::{path::PathBuf, process::ExitCode};

const EXAMPLES: &str = "\
Examples:
  pileus backup /mnt/backups/2026-11-23
  pileus backup nightly --data /var/lib/pileus --json

The folder must be empty or not be there. A running installation goes on serving; the backup is its
state at one moment. The master key is not in it: without the key, nobody can read the secrets in it.";

/// The flags of `pileus backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Backup {
    /// The folder to write
    to: PathBuf,
    #[command(flatten)]
    key: whole::Key,
}

/// Asks the running installation for everything, or opens the data folder if none runs.
pub(crate) fn run(command: &Backup, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    let bar = Bar::new("backup", session);
    let done = match Remote::find(session)? {
        Some(remote) => session.block_on(save(&remote, command, &bar))?,
        None => {
            let place = command.key.place(session);
            host.backup(&place, &command.to, &|progress| bar.show(progress))?
        }
    };
    bar.finish();
    whole::report(session, "backup", &command.to, &done)?;
    if !session.json() {
        output::note("keep the master key somewhere else: it is not in the backup");
    }
    Ok(ExitCode::SUCCESS)
}

async fn save(remote: &Remote, command: &Backup, bar: &Bar) -> Result<Progress, Error> {
    let snapshot = remote.begin().await?;
    let now = SystemClock::default().now();
    let saved = backup::save(&snapshot, &command.to, now, &|progress| bar.show(progress)).await;
    snapshot.end().await?;
    Ok(saved?)
}
