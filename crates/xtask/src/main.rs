//! The project's own chores, one subcommand each: `cargo xtask --help` lists them.
//!
//! It builds before everything else, so it keeps its dependencies few.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks")]

mod ci;
mod demo;
mod deny;
mod metadata;
mod models;
mod process;
mod test;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything that a change must pass: fmt, tidy, models, deny, clippy, doc, test
    Ci,
    /// Check the shape of the house: layers, sizes, key tags, operations and their tests
    Tidy,
    /// Check licences, bans and sources of all dependencies against deny.toml
    Deny,
    /// Bring what the tests need and run them all
    Test {
        /// Arguments for the runner, such as `-p queues`; all tests without any
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build Pileus, start it on an empty data folder, deploy examples/backend and use it
    Demo {
        /// End when every effect was observed, instead of running until Ctrl-C
        #[arg(long)]
        exit: bool,
    },
    /// Extract the checked-in service models (crates/*/model*.json) from the official ones on PyPI
    Models {
        /// Write below this folder instead of into the checkout
        #[arg(long)]
        into: Option<PathBuf>,
        /// Write nothing; fail unless the files are what would be written
        #[arg(long, conflicts_with = "into")]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Ci => ci::run(&workspace),
        Command::Tidy => tidy::check(&workspace),
        Command::Deny => deny::check(&workspace),
        Command::Test { arguments } => test::run(&workspace, &arguments),
        Command::Demo { exit } => demo::run(&workspace, exit),
        Command::Models { check: true, .. } => models::check(&workspace),
        Command::Models { into, .. } => models::extract(&workspace, into.as_deref()),
    }
}
