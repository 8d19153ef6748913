//! Benchmarks. Each subcommand is one file; each prints the floor that it is compared with in the
//! same run, because machines differ and are noisy.

#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

mod kv;

use clap::{Parser, Subcommand};

/// Measures Pileus. Build with `--release`.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Durable read-modify-writes of the embedded store, beside plain appends with a sync each.
    Kv(kv::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Kv(arguments) => kv::run(&arguments),
    }
}
