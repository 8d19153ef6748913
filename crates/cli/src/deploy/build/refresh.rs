//! A build that is brought up to date without its dependencies being installed again, which is what
//! makes `pileus dev` quick: what the code needs is the same as long as its manifest is.

use super::{Dependencies, Method, Work};
use crate::{
    deploy::{archive::Package, tree},
    error::Error,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, fs, io, path::PathBuf};
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
    // First: what is copied in part is known then, and is copied again the next time.
    remember(work, method)?;
    tree::copy(&work.files, &place)?;
    Package::of(&tree::files(&work.target, &[])?, &work.options.entries).map(Some)
}

/// Notes what a build was made from.
pub(super) fn remember(work: &Work<'_>, method: &Method) -> Result<(), Error> {
    let note = note(work);
    let Some(mark) = mark(work, method)? else { return Ok(()) };
    let lines: Vec<_> = std::iter::once(mark.as_str()).chain(names(work)).collect();
    fs::write(&note, lines.join("\n")).map_err(|error| Error::file(&note, &error))
}

/// Removes the note of a build that is about to be replaced: the next one may fail half way.
pub(super) fn forget(work: &Work<'_>) -> Result<(), Error> {
    let note = note(work);
    match fs::remove_file(&note) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(&note, &error)),
        _ => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::archive::Entries;
    use crate::deploy::{
        Progress,
        build::{Options, build},
    };
    use std::{collections::BTreeMap, io::Cursor, path::Path};
    use template::{Document, packaging};

    const TEXT: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Py: {Type: AWS::Serverless::Function, Properties: {Handler: app.f, Runtime: python3.11, CodeUri: py}}
";
    const METHOD: Method = Method::Python(Dependencies::Registry);

    /// The names in the package of `work`, after what has been written to its source.
    fn refreshed(folder: &Path) -> Option<Vec<String>> {
        let refreshed = in_folder(folder, |work| refresh(work, &METHOD).unwrap())?;
        let zip = zip::ZipArchive::new(Cursor::new(refreshed.zip)).unwrap();
        Some(zip.file_names().map(str::to_owned).collect())
    }

    fn in_folder<T>(folder: &Path, act: impl FnOnce(&Work<'_>) -> T) -> T {
        let document = Document::parse(TEXT).unwrap();
        let artifacts = packaging::artifacts(&document, &BTreeMap::new()).unwrap();
        let options = Options {
            base: folder.to_owned(),
            folder: folder.join("build"),
            interpreters: Vec::new(),
            as_is: false,
            rebuild: false,
            refresh: true,
            entries: Entries::default(),
        };
        let source = folder.join("py");
        act(&Work {
            artifact: &artifacts[0],
            files: tree::files(&source, &[]).unwrap(),
            source,
            target: folder.join("build/Py"),
            options: &options,
        })
    }

    #[test]
    fn code_is_copied_over_what_was_installed_until_the_manifest_changes_or_a_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("py/app.py", "1");
        write("py/requirements.txt", "pillow");
        assert_eq!(refreshed(folder.path()), None);
        // As pip leaves it.
        write("build/Py/pillow/__init__.py", "");
        in_folder(folder.path(), |work| remember(work, &METHOD).unwrap());
        write("py/app.py", "2");
        write("py/more.py", "3");
        let names = ["app.py", "more.py", "pillow/__init__.py", "requirements.txt"];
        assert_eq!(refreshed(folder.path()).unwrap(), names);
        assert_eq!(fs::read_to_string(folder.path().join("build/Py/app.py")).unwrap(), "2");

        write("py/requirements.txt", "pillow\nboto3");
        assert_eq!(refreshed(folder.path()), None);
        write("py/requirements.txt", "pillow");
        assert!(refreshed(folder.path()).is_some());
        fs::remove_file(folder.path().join("py/more.py")).unwrap();
        assert_eq!(refreshed(folder.path()), None);
    }

    #[test]
    fn code_is_not_copied_over_what_a_failed_build_left() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("py")).unwrap();
        fs::create_dir_all(folder.path().join("build/Py")).unwrap();
        write("py/app.py", "1");
        write("py/requirements.txt", "pillow");
        in_folder(folder.path(), |work| remember(work, &METHOD).unwrap());
        assert!(refreshed(folder.path()).is_some());
        write("py/requirements.txt", "no requirement at all");
        in_folder(folder.path(), |work| {
            assert!(build(work, &METHOD, &mut Progress::silent(), "key").is_err());
        });
        write("py/requirements.txt", "pillow");
        assert_eq!(refreshed(folder.path()), None);
    }

    #[test]
    fn what_an_installation_may_read_is_built_as_a_whole() {
        assert!(has_hooks(br#"{"scripts": {"postinstall": "node build.js"}}"#));
        assert!(!has_hooks(br#"{"scripts": {"test": "jest"}}"#));
    }
}
