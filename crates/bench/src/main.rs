//! Benchmarks. Each subcommand is one file; each prints the floor that it is compared with in the
//! same run, because machines differ and are noisy.

#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

mod functions;
mod http;
mod kv;
mod objects;

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
    /// Object storage beside other servers of it, and the memory that large objects need.
    Objects(objects::Arguments),
    /// Functions: calls, starts, many at once and idle ones, beside the same runtimes without walls.
    Functions(functions::Arguments),
    /// A native function, which asks for events until its Runtime API is gone.
    #[command(hide = true)]
    Native,
    /// The floor of `http` and `objects`: answers every request with an empty object until its input ends.
    #[command(hide = true)]
    Empty,
    /// The floor of `functions`: hands the bodies of requests to runtimes without walls.
    #[command(hide = true)]
    Front,
}

fn main() -> anyhow::Result<()> {
    // As a deployed function's program it gets no argument.
    if std::env::args_os().next().is_some_and(|name| name == "/var/task/bootstrap") {
        return functions::serve_native();
    }
    match Arguments::parse().command {
        Command::Kv(arguments) => kv::run(&arguments),
        Command::Http(arguments) => http::run(&arguments),
        Command::Objects(arguments) => objects::run(&arguments),
        Command::Functions(arguments) => functions::run(&arguments),
        Command::Native => functions::serve_native(),
        Command::Empty => http::serve_empty(),
        Command::Front => functions::serve_front(),
    }
}
