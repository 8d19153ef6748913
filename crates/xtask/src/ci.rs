//! `cargo xtask ci`: everything that a change must pass, cheapest first and the tests last, so
//! that the last line is the test runner's.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{deny, models, process, test, tidy};

/// Runs every step and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    step("fmt", || cargo(workspace, &["fmt", "--all", "--check"], &[]))?;
    step("tidy", || tidy::check(workspace))?;
    step("models", || models::check(workspace))?;
    step("deny", || deny::check(workspace))?;
    step("clippy", || {
        let all = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
        cargo(workspace, &all, &[])
    })?;
    step("doc", || {
        let doc = ["doc", "--quiet", "--workspace", "--no-deps"];
        cargo(workspace, &doc, &[("RUSTDOCFLAGS", "-D warnings")])
    })?;
    println!("== test");
    test::run(workspace, &[])
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let start = Instant::now();
    work()?;
    println!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn cargo(workspace: &Workspace, arguments: &[&str], settings: &[(&str, &str)]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).envs(settings.iter().copied()).current_dir(workspace.root());
    process::run(&mut cargo)
}
