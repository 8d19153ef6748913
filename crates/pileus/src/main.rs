//! Pileus: a serverless platform that people own, in one binary.

mod host;
mod runtimes;
mod up;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The sandbox helper is this program with a hidden argument. It must stay single-threaded, so
    // nothing may happen before it.
    if std::env::args().nth(1).is_some_and(|first| first == runtime_process::HELPER_ARGUMENT) {
        runtime_process::helper_main()
    }
    cli::run(std::env::args_os(), &host::Program)
}
