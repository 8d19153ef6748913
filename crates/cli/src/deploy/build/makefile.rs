//! A makefile of the author's.

use super::{Work, tool};
use crate::{deploy::tree, error::Error};
use std::{fs, process::Command};

/// Runs `make build-<LogicalId>` in a copy of the folder, with `ARTIFACTS_DIR` as its result.
pub(super) fn build(work: &Work<'_>) -> Result<(), Error> {
    let id = &work.artifact.logical_id;
    let scratch = work.target.with_extension("scratch");
    tree::empty_folder(&scratch)?;
    tree::copy(&work.files, &scratch)?;
    let result =
        fs::canonicalize(&work.target).map_err(|error| Error::file(&work.target, &error))?;
    let mut make = Command::new("make");
    make.current_dir(&scratch).arg(format!("build-{id}")).env("ARTIFACTS_DIR", result);
    tool::run(&mut make, id, "apt-get install make")?;
    fs::remove_dir_all(&scratch).map_err(|error| Error::file(&scratch, &error))
}
