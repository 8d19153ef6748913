//! Running pip, npm and make.

use crate::error::Error;
use std::{io::ErrorKind, process::Command};

/// How much of the output of a tool that failed is shown.
const SHOWN_LINES: usize = 30;

/// Runs a tool; what it prints is shown only if it fails. `missing` is what to do if it is not there.
pub(super) fn run(command: &mut Command, what: &str, missing: &str) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::new(format!("{what}: there is no {program}")).next(missing),
        _ => Error::new(format!("{what}: {program}: {error}")),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let text = text.concat();
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n  ");
    Err(Error::new(format!("{what}: {program} failed ({})\n  {shown}", output.status)))
}
