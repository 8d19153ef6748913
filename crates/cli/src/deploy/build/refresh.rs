//! A build that is brought up to date without its dependencies being installed again, which is what
//! makes `pileus dev` quick: what the code needs is the same as long as its manifest is.

use super::{Dependencies, Method, Work};
use crate::{
    deploy::{archive::Package, tree},
    error::Error,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, fs, path::PathBuf};
use template::packaging::ArtifactKind;

/// The files that say what the code needs.
const MANIFESTS: [&str; 4] =
    ["requirements.txt", "package.json", "package-lock.json", "npm-shrinkwrap.json"];
/// Scripts that npm runs at an installation, which may read any file.
const HOOKS: [&str; 5] = ["preinstall", "install", "postinstall", "prepublish", "prepare"];

/// Copies the code over the last build, if that gives what a whole build would: nothing that it was
/// built from is gone, and its dependencies are those of a registry and the same.
pub(super) fn refresh(work: &Work<'_>, method: &Method) -> Result<Option<Package>, Error> {
    let Some(mark) = mark(work, method)? else { return Ok(None) };
    let Ok(before) = fs::read_to_string(note(work)) else { return Ok(None) };
    let mut before = before.lines();
    let names = names(work);
    let is_same = before.next() == Some(mark.as_str()) && before.all(|name| names.contains(name));
    if !is_same || !work.target.is_dir() {
        return Ok(None);
    }
    let layer = work.artifact.kind == ArtifactKind::LayerContent;
    let inside =
        if *method == Method::Python(Dependencies::Registry) { "python" } else { "nodejs" };
    let place = if layer { work.target.join(inside) } else { work.target.clone() };
    tree::copy(&work.files, &place)?;
    Package::of(&tree::files(&work.target, &[])?).map(Some)
}

/// Notes what a build was made from.
pub(super) fn remember(work: &Work<'_>, method: &Method) -> Result<(), Error> {
    let note = note(work);
    let Some(mark) = mark(work, method)? else { return Ok(()) };
    let lines: Vec<_> = std::iter::once(mark.as_str()).chain(names(work)).collect();
    fs::write(&note, lines.join("\n")).map_err(|error| Error::file(&note, &error))
}

fn note(work: &Work<'_>) -> PathBuf {
    work.target.with_extension("built")
}

fn names<'a>(work: &'a Work<'_>) -> BTreeSet<&'a str> {
    work.files.iter().map(|file| file.name.as_str()).collect()
}

/// What the dependencies follow from; `None` where they may follow from any file.
fn mark(work: &Work<'_>, method: &Method) -> Result<Option<String>, Error> {
    let registry = [Method::Python(Dependencies::Registry), Method::Node(Dependencies::Registry)];
    if !registry.contains(method) {
        return Ok(None);
    }
    let manifests = work.files.iter().filter(|file| MANIFESTS.contains(&file.name.as_str()));
    let mut hash = Sha256::new();
    for file in manifests {
        let content = file.read()?;
        if file.name == "package.json" && has_hooks(&content) {
            return Ok(None);
        }
        hash.update(format!("{} {}", file.name, content.len()));
        hash.update(content);
    }
    hash.update(super::setting(work, method));
    Ok(Some(hex::encode(hash.finalize())))
}

fn has_hooks(manifest: &[u8]) -> bool {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    HOOKS.iter().any(|hook| !manifest["scripts"][*hook].is_null())
}
