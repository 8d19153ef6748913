//! Benchmarks. Each subcommand is one file; each prints the floor that it is compared with in the
//! same run, because machines differ and are noisy.

#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

mod http;
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
    /// Durable read-modify-writes of a store, beside plain appends with a sync each.
    Kv(kv::Arguments),
    /// The `pileus` binary over TCP with signed requests, beside an empty answer of hyper.
    Http(http::Arguments),
    /// The floor of `http`: answers every request with an empty object until its input ends.
    #[command(hide = true)]
    Empty,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Kv(arguments) => kv::run(&arguments),
        Command::Http(arguments) => http::run(&arguments),
        Command::Empty => http::serve_empty(),
    }
}
