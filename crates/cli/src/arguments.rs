//! The command line.

use crate::{commands, deploy, dev};
use clap::{Args, Parser, Subcommand, builder::styling};
use std::path::PathBuf;

const STYLES: styling::Styles = styling::Styles::styled()
    .header(styling::AnsiColor::Green.on_default().bold())
    .usage(styling::AnsiColor::Green.on_default().bold())
    .literal(styling::AnsiColor::Cyan.on_default().bold())
    .placeholder(styling::AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Begin here:
  pileus up                      start the platform on ./.pileus (leave it running)
  eval \"$(pileus env)\"           point every AWS SDK and the AWS CLI at it
  pileus deploy                  build and deploy ./template.yaml
  pileus dev                     all in one, and deploy again whatever is saved
  pileus ls                      see what is there
  pileus logs -f my-stack/Worker follow a function's log";

/// A serverless platform that you own: functions, queues, tables and logs behind the AWS APIs.
#[derive(Debug, Parser)]
#[command(name = "pileus", version, styles = STYLES, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The data folder of the installation; ./.pileus if nothing else is said
    #[arg(long, global = true, value_name = "DIR", env = "PILEUS_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The endpoint to talk to; AWS_ENDPOINT_URL or the one of the data folder if it is not given
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the platform and serve until Ctrl-C
    Up(commands::up::Up),
    /// Print what points SDKs and the AWS CLI at this installation, for `eval`
    #[command(after_help = commands::env::EXAMPLES)]
    Env,
    /// Build, package and deploy a SAM or CloudFormation template
    Deploy(deploy::Deploy),
    /// Deploy a template, and again whatever is saved; show what functions print
    Dev(dev::Dev),
    /// Call a function and print its reply
    Invoke(commands::invoke::Invoke),
    /// Print or follow the log of a function or of a log group
    Logs(commands::logs::Logs),
    /// List what is there
    Ls(commands::ls::Ls),
    /// Watch what functions do: calls, times, errors, cold starts, what waits
    Top(commands::top::Top),
    /// Delete a stack and everything that it made
    Delete(commands::delete::Delete),
    /// Write everything that there is into a folder, while it goes on being served
    Backup(commands::backup::Backup),
    /// Make an installation of a backup
    Restore(commands::restore::Restore),
    /// Look for damage: records, indexes, missing and forgotten blobs
    Check(commands::check::Check),
    /// Copy a stopped installation to another store
    Copy(commands::copy::Copy),
    /// List or install the interpreters that run functions
    Runtimes(commands::runtimes::Runtimes),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_example() {
        for command in Arguments::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            assert!(command.get_after_help().is_some(), "{}", command.get_name());
        }
    }
}
