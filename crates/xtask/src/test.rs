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
    // The end-to-end tests drive the binary, which no test's build makes.
    process::run(&mut cargo(workspace, &["build", "--quiet", "--workspace", "--bins"]))?;
    let scope: &[&str] = if arguments.is_empty() { &["--workspace"] } else { &[] };
    if !process::succeeds(Command::new("cargo").args(["nextest", "--version"])) {
        return process::run(cargo(workspace, &["test"]).args(scope).args(arguments));
    }
    if arguments.is_empty() {
        let doc = ["test", "--quiet", "--doc", "--workspace"];
        process::run(&mut cargo(workspace, &doc))?;
    }
    process::run(cargo(workspace, &["nextest", "run"]).args(scope).args(arguments))
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(workspace.root());
    cargo.env("PILEUS_TEST_TOOLS", workspace.tools());
    cargo
}
