//! `cargo xtask test`: brings what the tests need, then runs them all.

pub(crate) mod host;
mod tools;

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Brings the tools and runs the tests, with more arguments for the runner if there are any.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    host::require()?;
    tools::bring(workspace)?;
    let all = arguments.is_empty();
    let scope: &[&str] = if all { &["--workspace"] } else { &[] };
    // The end-to-end tests drive the binary, which no test's build makes. Built together with the
    // tests, it has the features that they ask of its dependencies: all is built once, not twice.
    let tests: &[&str] = if all { &["--tests"] } else { &[] };
    let quiet: &[&str] = if host::in_ci() { &["--quiet"] } else { &[] };
    println!("Building Pileus and its tests. The first time this takes many minutes.");
    let build = ["build", "--workspace", "--bins"];
    process::run(cargo(workspace, &build).args(tests).args(quiet))?;
    // One failure must not hide another: a run takes long.
    if !process::succeeds(Command::new("cargo").args(["nextest", "--version"])) {
        let run = ["test", "--no-fail-fast"];
        return process::run(cargo(workspace, &run).args(scope).args(arguments));
    }
    if arguments.is_empty() {
        let doc = ["test", "--quiet", "--doc", "--workspace"];
        process::run(&mut cargo(workspace, &doc))?;
    }
    let run = ["nextest", "run", "--no-fail-fast"];
    process::run(cargo(workspace, &run).args(scope).args(arguments))
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(workspace.root());
    cargo.env("PILEUS_TEST_TOOLS", workspace.tools());
    cargo
}
