//! `cargo xtask tidy`: what the compiler and clippy cannot check about the shape of the house.
//!
//! Clippy caps functions at 70 lines (`clippy.toml`); this checks that nothing switches that off.

mod files;
mod layers;
mod manifests;
mod operations;
mod rust;
mod tags;

use std::fmt;

use anyhow::{Result, bail};

use self::rust::RustFile;
use crate::metadata::Metadata;
use crate::workspace::Workspace;

/// One thing that is wrong, where it is, and how to put it right.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
    fix: String,
}

impl Finding {
    /// A finding at a line of a file, counted from 1.
    fn new(path: &str, line: usize, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), fix: fix.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    fix: {}", self.path, self.line, self.what, self.fix)
    }
}

/// Checks the whole checkout and fails if anything is wrong.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let metadata = Metadata::own(workspace)?;
    let files = workspace.files()?;
    let rust = read_rust(workspace, &files)?;
    let mut findings = layers::check(workspace, &metadata)?;
    findings.extend(manifests::check(workspace, &metadata)?);
    findings.extend(files::check(workspace, &files, &rust)?);
    findings.extend(tags::check(&rust));
    findings.extend(operations::check(workspace, &rust)?);
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files, nothing to put right", files.len()),
        count => bail!("tidy: {count} things to put right"),
    }
    Ok(())
}

fn read_rust(workspace: &Workspace, files: &[String]) -> Result<Vec<RustFile>> {
    let mut rust = Vec::new();
    for path in files.iter().filter(|path| path.ends_with(".rs")) {
        rust.push(RustFile::new(path, workspace.read(path)?));
    }
    rust::mark_test_files(&mut rust);
    Ok(rust)
}
