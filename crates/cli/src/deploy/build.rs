//! From what a template names to a zip.

pub(super) mod esbuild;
mod makefile;
mod method;
mod node;
mod python;
mod refresh;
mod tool;

use super::{
    Progress,
    archive::{Entries, Package},
    tree,
    tree::File,
};
use crate::{error::Error, host::Interpreter, output};
use method::{Dependencies, Method};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use template::packaging::{Artifact, ArtifactKind};

/// How to build.
pub(super) struct Options {
    /// The folder that paths in the template are relative to.
    pub(super) base: PathBuf,
    /// Where to build: one folder, zip and key per resource.
    pub(super) folder: PathBuf,
    /// The interpreters that functions run with.
    pub(super) interpreters: Vec<Interpreter>,
    /// Whether everything is zipped as it is.
    pub(super) as_is: bool,
    /// Whether nothing is reused.
    pub(super) rebuild: bool,
    /// Whether dependencies whose manifest is the same are left as they are.
    pub(super) refresh: bool,
    /// What was compressed before.
    pub(super) entries: Entries,
}

/// Builds the local paths of one template.
pub(super) struct Builder {
    options: Options,
    progress: Progress,
    /// What was built in this run, by its fingerprint.
    built: HashMap<String, Package>,
}

/// One thing to build.
struct Work<'a> {
    artifact: &'a Artifact,
    /// The folder that the template names.
    source: PathBuf,
    /// Its files.
    files: Vec<File>,
    /// The empty folder to build into.
    target: PathBuf,
    options: &'a Options,
}

impl Builder {
    pub(super) fn new(options: Options) -> Self {
        let progress = if options.refresh { Progress::silent() } else { Progress::new("") };
        Self { options, progress, built: HashMap::new() }
    }

    /// A package for each artifact, in their order.
    pub(super) fn packages(&mut self, artifacts: &[Artifact]) -> Result<Vec<Package>, Error> {
        let result = artifacts.iter().map(|artifact| self.package(artifact)).collect();
        self.progress.finish();
        result
    }

    fn package(&mut self, artifact: &Artifact) -> Result<Package, Error> {
        let source = self.options.base.join(&artifact.location);
        let metadata = fs::metadata(&source).map_err(|error| {
            let at = artifact.at;
            let what = format!("{}: {error} ({}, {at})", source.display(), artifact.logical_id);
            Error::new(what).next("correct the path; it is relative to the template")
        })?;
        if metadata.is_file() {
            return single(&source, &self.options.entries);
        }
        let method = Method::of(artifact, &source, self.options.as_is)?;
        let files = tree::files(&source, method.left_out())?;
        if files.is_empty() {
            let what = format!("{}: {} is empty", artifact.logical_id, source.display());
            return Err(Error::new(what).next("put the code there, or correct the path"));
        }
        let target = self.options.folder.join(&artifact.logical_id);
        let work = Work { artifact, source, files, target, options: &self.options };
        if matches!(method, Method::AsIs) {
            return Package::of(&work.files, &self.options.entries);
        }
        let key = fingerprint(&work, &method)?;
        if let Some(package) = self.built.get(&key) {
            return Ok(package.clone());
        }
        let reusable = !self.options.rebuild && method.is_repeatable();
        let package = match stored(&work.target, &key).filter(|_| reusable) {
            Some(package) => {
                self.progress.end(&artifact.logical_id, "unchanged since its last build", false);
                package
            }
            None if self.options.refresh => match refresh::refresh(&work, &method)? {
                Some(package) => {
                    store(&work.target, &key, &package)?;
                    package
                }
                None => build(&work, &method, &mut self.progress, &key)?,
            },
            None => build(&work, &method, &mut self.progress, &key)?,
        };
        self.built.insert(key, package.clone());
        Ok(package)
    }
}

/// A file: a zip is taken as it is, everything else is zipped.
fn single(path: &Path, entries: &Entries) -> Result<Package, Error> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = File { name, path: path.to_owned(), executable: false };
    match extension {
        Some("zip" | "jar") => Ok(Package::new(file.read()?)),
        _ => Package::of(&[file], entries),
    }
}

fn build(
    work: &Work<'_>,
    method: &Method,
    progress: &mut Progress,
    key: &str,
) -> Result<Package, Error> {
    let id = &work.artifact.logical_id;
    let what = format!("building ({})", method.name());
    if work.options.refresh {
        // What takes its time is told, also where all else goes quietly.
        output::note(&format!("{id}: {what}"));
    }
    progress.begin(id, &what);
    private_folder(&work.options.folder)?;
    refresh::forget(work)?;
    tree::empty_folder(&work.target)?;
    let done = match method {
        Method::AsIs => tree::copy(&work.files, &work.target),
        Method::Python(dependencies) => python::build(work, *dependencies),
        Method::Node(dependencies) => node::build(work, *dependencies),
        Method::Makefile => makefile::build(work),
        Method::Esbuild => esbuild::build(work),
    };
    let package = done
        .and_then(|()| tree::files(&work.target, &[]))
        .and_then(|files| Package::of(&files, &work.options.entries))
        .inspect_err(|_| progress.end(id, "the build failed", true))?;
    store(&work.target, key, &package)?;
    refresh::remember(work, method)?;
    let kibibytes = package.zip.len().div_ceil(1024);
    progress.end(id, &format!("built ({}, {kibibytes} KiB)", method.name()), false);
    Ok(package)
}

/// Makes the build folder, which usually lies in a data folder: only its owner may enter.
fn private_folder(folder: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Error::file(folder, &error))
}

/// Everything that the result depends on.
fn fingerprint(work: &Work<'_>, method: &Method) -> Result<String, Error> {
    let mut hash = Sha256::new();
    hash.update(setting(work, method));
    tree::fingerprint(&work.files, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}

/// Of what it depends on, all but files.
fn setting(work: &Work<'_>, method: &Method) -> String {
    let runtime = work.artifact.runtime.as_deref().unwrap_or_default();
    let layer = work.artifact.kind == ArtifactKind::LayerContent;
    // A makefile has a target per resource; for the others, resources may share a build.
    let id = if *method == Method::Makefile { work.artifact.logical_id.as_str() } else { "" };
    let build_method = work.artifact.build_method.as_deref().unwrap_or_default();
    let interpreters: Vec<_> = work.options.interpreters.iter().map(|one| &one.version).collect();
    let mut setting = format!("{} {runtime} {layer} {id} {build_method}", method.name());
    if *method == Method::Esbuild {
        let (handler, options) = (&work.artifact.handler, &work.artifact.build_properties);
        setting.push_str(&format!("{handler:?} {options}"));
    }
    setting + &format!("{interpreters:?}")
}

/// The zip of an earlier build, if it was made from the same and is whole.
fn stored(target: &Path, key: &str) -> Option<Package> {
    let note = fs::read_to_string(target.with_extension("key")).ok()?;
    let package = Package::new(fs::read(target.with_extension("zip")).ok()?);
    (note == format!("{key} {}", package.sha256)).then_some(package)
}

fn store(target: &Path, key: &str, package: &Package) -> Result<(), Error> {
    let zip = target.with_extension("zip");
    fs::write(&zip, &package.zip).map_err(|error| Error::file(&zip, &error))?;
    let note = target.with_extension("key");
    fs::write(&note, format!("{key} {}", package.sha256))
        .map_err(|error| Error::file(&note, &error))
}

#[cfg(test)]
mod tests;
