//! Node: the dependencies beside the code.

use super::{Dependencies, Work, tool};
use crate::{deploy::tree, error::Error};
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};
use template::packaging::ArtifactKind;

pub(super) const MANIFEST: &str = "package.json";
const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];
/// The members of a manifest that name what a deployed function needs.
const NEEDED: [&str; 2] = ["dependencies", "optionalDependencies"];
/// How a dependency begins that lies on this disk.
const LOCAL: &str = "file:";

/// What the manifest in a folder asks for.
pub(super) fn dependencies(source: &Path) -> Result<Dependencies, Error> {
    let Some(manifest) = manifest(source)? else { return Ok(Dependencies::None) };
    let wanted: Vec<&Value> = NEEDED
        .iter()
        .filter_map(|member| manifest[*member].as_object())
        .flat_map(serde_json::Map::values)
        .collect();
    let local = |value: &&Value| value.as_str().is_some_and(|text| text.starts_with(LOCAL));
    Ok(match (wanted.is_empty(), wanted.iter().any(local)) {
        (true, _) => Dependencies::None,
        (false, false) => Dependencies::Registry,
        (false, true) => Dependencies::Outside,
    })
}

fn manifest(source: &Path) -> Result<Option<Value>, Error> {
    let path = source.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file(&path, &error)),
    };
    let manifest = serde_json::from_str(&text);
    manifest.map(Some).map_err(|error| Error::new(format!("{}: {error}", path.display())))
}

/// Copies the code and installs its dependencies. The content of a layer goes where Node looks for it:
/// in `nodejs/`.
pub(super) fn build(work: &Work<'_>, dependencies: Dependencies) -> Result<(), Error> {
    let layer = work.artifact.kind == ArtifactKind::LayerContent;
    let target = if layer { work.target.join("nodejs") } else { work.target.clone() };
    tree::copy(&work.files, &target)?;
    if dependencies == Dependencies::None {
        return Ok(());
    }
    install(work, &target, &["--omit=dev"])
}

/// Lets npm install the dependencies of the copy of the code in `target`.
pub(super) fn install(work: &Work<'_>, target: &Path, options: &[&str]) -> Result<(), Error> {
    let moved = move_local_dependencies(&work.source, target)?;
    let locked = !moved && LOCKS.iter().any(|name| target.join(name).is_file());
    let mut npm = Command::new("npm");
    npm.current_dir(target)
        .arg(if locked { "ci" } else { "install" })
        .args(options)
        .args(["--no-audit", "--no-fund", "--no-update-notifier"])
        .args(["--install-links", "--no-save", "--loglevel=error"]);
    tool::run(&mut npm, &work.artifact.logical_id, "apt-get install npm")?;
    if moved {
        // The package keeps the manifest that its author wrote.
        let own = work.source.join(MANIFEST);
        fs::copy(&own, target.join(MANIFEST)).map_err(|error| Error::file(&own, &error))?;
    }
    Ok(())
}

/// Makes the paths of local dependencies absolute: the build folder is not where they were written
/// for. A lock that names them by their old paths is then of no use, and is removed.
fn move_local_dependencies(source: &Path, target: &Path) -> Result<bool, Error> {
    let Some(mut manifest) = manifest(source)? else { return Ok(false) };
    let mut moved = false;
    for member in NEEDED {
        for value in manifest[member].as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
            let path = value.as_str().and_then(|text| text.strip_prefix(LOCAL));
            let Some(path) = path.map(|path| source.join(path)) else { continue };
            let path: PathBuf =
                fs::canonicalize(&path).map_err(|error| Error::file(&path, &error))?;
            *value = format!("{LOCAL}{}", path.display()).into();
            moved = true;
        }
    }
    if !moved {
        return Ok(false);
    }
    let path = target.join(MANIFEST);
    fs::write(&path, manifest.to_string()).map_err(|error| Error::file(&path, &error))?;
    for lock in LOCKS.map(|name| target.join(name)) {
        match fs::remove_file(&lock) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::file(&lock, &error));
            }
            _ => {}
        }
    }
    Ok(true)
}
