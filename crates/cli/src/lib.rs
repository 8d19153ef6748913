//! The commands of `pileus`.
//!
//! **What it is.** Everything that a person types, read by clap, and done through the public API of a
//! running installation with the signed [`client`]; a command can do nothing that an SDK cannot.
//!
//! **What it is not.** It names no service's crate and no engine. What must run in the program itself
//! (starting the platform, installing interpreters) is behind [`Host`], which `pileus` implements.
//!
//! **Invariants.** Results go to standard output, everything else to standard error. Colours and
//! moving bars only on a terminal. Every error says what failed, where, and what to do next. The
//! status is 0 for success, 1 for a failure, 2 for a command line that is wrong.

mod access;
mod arguments;
mod blob_access;
mod commands;
mod deploy;
mod dev;
mod environment;
mod error;
mod host;
mod output;
mod session;
mod stacks;
mod stop;
mod whole;

pub use blob_access::BlobAccess;
pub use host::{Host, HostError, InstallProgress, Interpreter, Isolation, Place, UpOptions};

use arguments::{Arguments, Command};
use clap::Parser;
use error::Error;
use session::Session;
use std::{ffi::OsString, process::ExitCode};

/// Runs one command line, the program's name included.
///
/// Does not return before the command has ended; [`Host::up`] is called on this thread, before any
/// other thread is started.
pub fn run(line: impl IntoIterator<Item = OsString>, host: &dyn Host) -> ExitCode {
    let arguments = match Arguments::try_parse_from(line) {
        Ok(arguments) => arguments,
        Err(error) => {
            let failed = error.use_stderr();
            // Nothing is left to be told if the terminal is gone.
            drop(error.print());
            return if failed { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let session = Session::new(arguments.global);
    match dispatch(arguments.command, &session, host) {
        Ok(code) => code,
        Err(error) if error.is_silent() => ExitCode::FAILURE,
        Err(error) => {
            error.print();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    match command {
        Command::Up(command) => commands::up::run(command, session, host),
        Command::Env => commands::env::run(session),
        Command::Deploy(command) => deploy::run(&command, session, host),
        Command::Dev(command) => dev::run(&command, session, host),
        Command::Invoke(command) => commands::invoke::run(&command, session),
        Command::Logs(command) => commands::logs::run(&command, session),
        Command::Ls(command) => commands::ls::run(&command, session),
        Command::Top(command) => commands::top::run(&command, session),
        Command::Delete(command) => commands::delete::run(&command, session),
        Command::Backup(command) => commands::backup::run(&command, session, host),
        Command::Restore(command) => commands::restore::run(&command, session, host),
        Command::Check(command) => commands::check::run(&command, session, host),
        Command::Copy(command) => commands::copy::run(&command, session, host),
        Command::Runtimes(command) => commands::runtimes::run(&command, session, host),
    }
}
