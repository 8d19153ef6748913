//! Python: the requirements beside the code.

use super::{Dependencies, Work, tool};
use crate::{
    deploy::{interpreters, tree},
    error::Error,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};
use template::packaging::ArtifactKind;

const REQUIREMENTS: &str = "requirements.txt";
/// What helps where Python cannot install requirements.
const MISSING: &str = "apt-get install python3-venv";

/// What the requirements in a folder ask for; a file of comments asks for nothing.
pub(super) fn dependencies(source: &Path) -> Result<Dependencies, Error> {
    let path = source.join(REQUIREMENTS);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::file(&path, &error)),
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    // An option may name another file, and only a plain name is surely one of the index.
    let outside = |line: &&str| line.starts_with(['-', '.', '/']) || line.contains("file:");
    Ok(match (lines.is_empty(), lines.iter().any(outside)) {
        (true, _) => Dependencies::None,
        (false, false) => Dependencies::Registry,
        (false, true) => Dependencies::Outside,
    })
}

/// Installs the requirements, then copies the code over them. The content of a layer goes where
/// Python looks for it: in `python/`.
pub(super) fn build(work: &Work<'_>, dependencies: Dependencies) -> Result<(), Error> {
    let layer = work.artifact.kind == ArtifactKind::LayerContent;
    let target = if layer { work.target.join("python") } else { work.target.clone() };
    if dependencies != Dependencies::None {
        install(work, &target)?;
    }
    tree::copy(&work.files, &target)
}

fn install(work: &Work<'_>, target: &Path) -> Result<(), Error> {
    let failed = |error: io::Error| Error::file(target, &error);
    fs::create_dir_all(target).map_err(failed)?;
    let target = fs::canonicalize(target).map_err(failed)?;
    let runtime = work.artifact.runtime.as_deref().or(work.artifact.build_method.as_deref());
    let python = interpreters::python(runtime.unwrap_or("python3"), &work.options.interpreters)?;
    let mut pip = Command::new(with_pip(python, work)?);
    // Requirements may name paths, which are relative to their file.
    pip.current_dir(&work.source)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"])
        .args(["--no-compile", "--quiet", "--requirement", REQUIREMENTS, "--target"])
        .arg(target);
    tool::run(&mut pip, &work.artifact.logical_id, MISSING)
}

/// This Python, if it has pip; else one in a virtual environment that is made for it in the build
/// folder: Debian's has pip only with a package more, but brings it to its environments.
fn with_pip(python: PathBuf, work: &Work<'_>) -> Result<PathBuf, Error> {
    let id = &work.artifact.logical_id;
    if tool::run(Command::new(&python).args(["-m", "pip", "--version"]), id, MISSING).is_ok() {
        return Ok(python);
    }
    let name = python.file_name().unwrap_or_default().to_string_lossy();
    let environment = work.options.folder.join(format!(".venv-{name}"));
    let made = environment.join("bin/python");
    if !made.is_file() {
        let mut venv = Command::new(&python);
        venv.args(["-m", "venv", "--clear"]).arg(&environment);
        tool::run(&mut venv, id, MISSING).map_err(|error| error.next(MISSING))?;
    }
    // The command runs elsewhere.
    fs::canonicalize(&environment)
        .map(|environment| environment.join("bin/python"))
        .map_err(|error| Error::file(&environment, &error))
}
