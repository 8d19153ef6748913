//! The files below a folder.

use crate::error::Error;
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The most files that one function or layer may have.
const MAX_FILES: usize = 100_000;
/// The deepest nesting of folders.
const MAX_DEPTH: usize = 64;
/// The most bytes that one function or layer may have, unpacked: Lambda's own limit.
const MAX_BYTES: u64 = 250 * 1024 * 1024;
/// What never belongs into a package.
pub(crate) const NEVER: [&str; 5] = [".git", ".aws-sam", ".pileus", "__pycache__", ".DS_Store"];
/// The files by which a data folder of Pileus is known, which holds keys.
const DATA_FOLDER: [&str; 2] = ["master.key", "credentials.json"];

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct File {
    /// Its path in the package, with `/`.
    pub(super) name: String,
    /// Its path on the disk.
    pub(super) path: PathBuf,
    /// Whether its owner may execute it.
    pub(super) executable: bool,
}

impl File {
    pub(super) fn read(&self) -> Result<Vec<u8>, Error> {
        fs::read(&self.path).map_err(|error| Error::file(&self.path, &error))
    }
}

/// All files below a folder in the order of their names, links followed. `without` names folders and
/// files that are left out wherever they are.
pub(super) fn files(folder: &Path, without: &[&str]) -> Result<Vec<File>, Error> {
    let mut walk = Walk { without, files: Vec::new(), bytes: 0, open: Vec::new() };
    walk.folder(folder, "")?;
    walk.files.sort();
    Ok(walk.files)
}

/// A hash of names, modes and contents.
pub(super) fn fingerprint(files: &[File], hash: &mut Sha256) -> Result<(), Error> {
    for file in files {
        hash.update(Sha256::digest(file.name.as_bytes()));
        hash.update([u8::from(file.executable)]);
        hash.update(Sha256::digest(file.read()?));
    }
    Ok(())
}

/// Copies files into a folder; those that are there are replaced.
pub(super) fn copy(files: &[File], into: &Path) -> Result<(), Error> {
    for file in files {
        let target = into.join(&file.name);
        let folder = target.parent().unwrap_or(into);
        fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
        fs::copy(&file.path, &target).map_err(|error| Error::file(&file.path, &error))?;
    }
    Ok(())
}

/// Makes an empty folder, whatever was there.
pub(super) fn empty_folder(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::file(folder, &error));
        }
        _ => {}
    }
    fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))
}

struct Walk<'a> {
    without: &'a [&'a str],
    files: Vec<File>,
    bytes: u64,
    /// The folders from the top to here, links resolved: a link to one of them is a circle.
    open: Vec<PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        let failed = |error: &io::Error| Error::file(folder, error);
        let real = fs::canonicalize(folder).map_err(|error| failed(&error))?;
        if self.open.contains(&real) || self.open.len() > MAX_DEPTH {
            let what = format!("{}: folders nest without an end", folder.display());
            return Err(Error::new(what).next("remove the link that leads back up"));
        }
        if DATA_FOLDER.iter().all(|name| folder.join(name).exists()) {
            return Ok(());
        }
        self.open.push(real);
        for entry in fs::read_dir(folder).map_err(|error| failed(&error))? {
            let entry = entry.map_err(|error| failed(&error))?;
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| {
                Error::new(format!("{}: the name is not UTF-8", entry.path().display()))
            })?;
            if NEVER.contains(&name) || self.without.contains(&name) || name.ends_with(".pyc") {
                continue;
            }
            self.entry(&entry.path(), format!("{prefix}{name}"))?;
        }
        self.open.pop();
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: String) -> Result<(), Error> {
        let metadata = fs::metadata(path).map_err(|error| Error::file(path, &error))?;
        if metadata.is_dir() {
            return self.folder(path, &format!("{name}/"));
        }
        if !metadata.is_file() {
            return Ok(());
        }
        self.bytes += metadata.len();
        if self.files.len() >= MAX_FILES || self.bytes > MAX_BYTES {
            let megabytes = MAX_BYTES / (1024 * 1024);
            let what = format!(
                "{}: more than {MAX_FILES} files or {megabytes} MiB, which no function may have",
                path.display()
            );
            return Err(Error::new(what).next("name a smaller folder in CodeUri"));
        }
        let executable = metadata.permissions().mode() & 0o100 != 0;
        self.files.push(File { name, path: path.to_owned(), executable });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(folder: &Path, without: &[&str]) -> Vec<String> {
        files(folder, without).unwrap().into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn files_are_listed_in_order_without_what_never_belongs_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/c.py", "a.py", ".git/x", "b/__pycache__/c.pyc", "node_modules/m/i.js"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        symlink("a.py", folder.path().join("link.py")).unwrap();
        assert_eq!(names(folder.path(), &["node_modules"]), ["a.py", "b/c.py", "link.py"]);
        assert_eq!(names(folder.path(), &[]).len(), 4);
    }

    #[test]
    fn a_data_folder_with_its_keys_is_never_packaged() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        for name in DATA_FOLDER {
            fs::write(data.join(name), "key").unwrap();
        }
        assert!(names(folder.path(), &[]).is_empty());
    }

    #[test]
    fn a_circle_of_links_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        symlink(folder.path(), folder.path().join("up")).unwrap();
        assert!(files(folder.path(), &[]).is_err());
    }
}
