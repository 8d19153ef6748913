//! The project's own chores, one subcommand each: `cargo xtask --help` lists them.
//!
//! It builds before everything else, so it keeps its dependencies few.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks")]

mod models;
mod process;
mod workspace;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Extract the checked-in service models (crates/*/model*.json) from the official ones on PyPI
    Models {
        /// Write below this folder instead of into the checkout
        #[arg(long)]
        into: Option<PathBuf>,
    },
}

fn main() -> Result<()> {
    let workspace = workspace::Workspace::find()?;
    match Arguments::parse().command {
        Command::Models { into } => models::extract(&workspace, into.as_deref()),
    }
}
