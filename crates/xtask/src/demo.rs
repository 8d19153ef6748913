//! `cargo xtask demo`: the README's first command.

use std::process::Command;

use anyhow::{Result, bail};

use crate::test::host;
use crate::workspace::Workspace;

/// Builds Pileus and the demo, and runs it in this terminal.
pub(crate) fn run(workspace: &Workspace, exit: bool) -> Result<()> {
    host::require_for_demo()?;
    let cargo = || {
        let mut command = Command::new("cargo");
        command.current_dir(workspace.root());
        command
    };
    println!("Building Pileus; the first time takes some minutes.");
    let built =
        cargo().args(["build", "--package", "pileus", "--package", "e2e", "--bins"]).status()?;
    if !built.success() {
        bail!("the build failed; see above");
    }
    let mut demo = cargo();
    demo.args(["run", "--quiet", "--package", "e2e", "--bin", "demo", "--"]);
    if exit {
        demo.arg("--exit");
    }
    let status = demo.status()?;
    if !status.success() {
        bail!("the demo failed; see above");
    }
    Ok(())
}
