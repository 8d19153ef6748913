//! The interpreters of a data folder.

use anyhow::{Result, bail};
use cli::{InstallProgress, Interpreter};
use runtime_process::interpreters::{Installed, Progress, Selection};
use std::path::Path;

/// Where in a data folder they are.
const FOLDER: &str = "runtimes";

pub(crate) fn list(data: &Path) -> Vec<Interpreter> {
    let installed = Installed::new(data.join(FOLDER)).list();
    let interpreter = |found: runtime_process::interpreters::Interpreter| Interpreter {
        family: found.family.to_owned(),
        version: found.version,
        runtime: found.runtime,
        program: found.program,
    };
    installed.into_iter().map(interpreter).collect()
}

pub(crate) fn install(
    data: &Path,
    wanted: &[String],
    progress: &dyn InstallProgress,
) -> Result<()> {
    let selection = selection(wanted)?;
    let folder = data.join(FOLDER);
    Ok(runtime_process::interpreters::install(&folder, &selection, &Forward(progress))?)
}

/// What the runtime identifiers mean; all that is useful if there are none.
fn selection(wanted: &[String]) -> Result<Selection> {
    let mut selection = Selection::everything(None);
    if wanted.is_empty() {
        return Ok(selection);
    }
    let (mut pythons, mut nodes) = (Vec::new(), Vec::new());
    for identifier in wanted {
        let minor = identifier.strip_prefix("python3.").and_then(|text| text.parse().ok());
        let major = identifier
            .strip_prefix("nodejs")
            .and_then(|text| text.strip_suffix(".x"))
            .and_then(|text| text.parse().ok());
        match (minor, major) {
            (Some(minor), _) => pythons.push((3, minor)),
            (_, Some(major)) => nodes.push(major),
            _ => bail!("{identifier} is not a runtime that can be installed: python3.N, nodejsN.x"),
        }
    }
    selection.pythons = Some(pythons);
    selection.nodes = nodes;
    Ok(selection)
}

struct Forward<'a>(&'a dyn InstallProgress);

impl Progress for Forward<'_> {
    fn begin(&self, step: &str) {
        self.0.begin(step);
    }

    fn done(&self, _step: &str, fresh: bool) {
        self.0.end(fresh);
    }
}
