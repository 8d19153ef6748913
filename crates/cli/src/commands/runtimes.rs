//! `pileus runtimes`

use crate::{
    deploy::Progress,
    error::Error,
    host::{Host, InstallProgress, Interpreter},
    output,
    session::Session,
};
use serde_json::json;
use std::{
    process::ExitCode,
    sync::{Mutex, PoisonError},
};

const EXAMPLES: &str = "\
Examples:
  pileus runtimes list
  pileus runtimes install                          everything that is useful on this host
  pileus runtimes install python3.12 nodejs22.x

A function whose version is missing runs on the nearest newer one, else on the newest, and the deploy
says so. `provided.*` needs no interpreter.";

/// The flags of `pileus runtimes`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Runtimes {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the interpreters in the data folder
    List,
    /// Bring interpreters, runtime clients and SDKs into the data folder
    Install {
        /// Such as python3.12 or nodejs22.x; everything useful if none is named
        runtimes: Vec<String>,
    },
}

/// Lists or installs interpreters.
pub(crate) fn run(
    command: &Runtimes,
    session: &Session,
    host: &dyn Host,
) -> Result<ExitCode, Error> {
    let data = session.data();
    if let Action::Install { runtimes } = &command.action {
        host.runtimes_install(&data, runtimes, &Steps::new())?;
    }
    let list = host.runtimes_list(&data)?;
    if session.json() {
        output::json(&json!(list))?;
    } else if list.is_empty() {
        output::note("no interpreter is installed: run `pileus runtimes install`");
    } else {
        print(&list)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(list: &[Interpreter]) -> Result<(), Error> {
    let rows: Vec<Vec<String>> = list
        .iter()
        .map(|one| {
            vec![one.runtime.clone(), one.version.clone(), one.program.display().to_string()]
        })
        .collect();
    for line in output::table(&["RUNTIME", "VERSION", "PROGRAM"], &rows) {
        output::line(&line)?;
    }
    Ok(())
}

/// Shows the steps: most of a first installation is waiting for downloads.
struct Steps(Mutex<(Progress, String)>);

impl Steps {
    fn new() -> Self {
        Self(Mutex::new((Progress::new(""), String::new())))
    }
}

impl InstallProgress for Steps {
    fn begin(&self, step: &str) {
        let (progress, current) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        step.clone_into(current);
        progress.begin(step, "is being installed");
    }

    fn end(&self, fresh: bool) {
        let (progress, current) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.end(current, if fresh { "is installed" } else { "was there" }, false);
    }
}
