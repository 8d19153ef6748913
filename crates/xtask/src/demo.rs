//! `cargo xtask demo`: the README's first command.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::metadata::Metadata;
use crate::process;
use crate::test::host;
use crate::workspace::Workspace;

/// Builds Pileus and the demo, and becomes the demo.
///
/// Not through `cargo run`: for one package alone, cargo would choose other features of its
/// dependencies, and build them all again.
pub(crate) fn run(workspace: &Workspace, exit: bool) -> Result<()> {
    host::require_for_demo()?;
    println!("Building Pileus. The first time this takes some minutes.");
    let mut build = Command::new("cargo");
    build.args(["build", "--package", "pileus", "--package", "e2e", "--bins"]);
    process::run(build.current_dir(workspace.root()))?;
    let demo = Metadata::own(workspace)?.target_directory.join("debug/demo");
    let mut command = Command::new(&demo);
    command.current_dir(workspace.root());
    if exit {
        command.arg("--exit");
    }
    // This process becomes the demo, so that Ctrl-C is the demo's alone.
    Err(command.exec()).with_context(|| format!("cannot start {}", demo.display()))
}
