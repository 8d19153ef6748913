//! Packages over each other in one folder, as layers lie in `/opt`.

use std::{
    fs::{self, DirEntry, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const FOLDER_MODE: u32 = 0o755;

/// Makes `into` with everything that the folders hold; of two files of one name, the later one wins.
/// Files are links to the packages' own, which never change.
pub(super) fn merge(folders: &[PathBuf], into: &Path) -> io::Result<()> {
    make(into)?;
    folders.iter().try_for_each(|folder| add(folder, into))
}

fn add(from: &Path, into: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        add_one(&entry?, into)?;
    }
    Ok(())
}

fn add_one(entry: &DirEntry, into: &Path) -> io::Result<()> {
    let place = into.join(entry.file_name());
    let present = fs::symlink_metadata(&place).ok();
    if entry.file_type()?.is_dir() {
        if present.as_ref().is_some_and(|present| !present.is_dir()) {
            fs::remove_file(&place)?;
        }
        if !present.is_some_and(|present| present.is_dir()) {
            make(&place)?;
        }
        return add(&entry.path(), &place);
    }
    match present {
        Some(present) if present.is_dir() => fs::remove_dir_all(&place)?,
        Some(_) => fs::remove_file(&place)?,
        None => {}
    }
    fs::hard_link(entry.path(), &place)
}

fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_files_of_one_name_wins() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("one/python/a.py", "one");
        write("one/python/b.py", "one");
        write("one/thing", "a file");
        write("two/python/b.py", "two");
        write("two/thing/inside", "a folder");
        let parts = ["one", "two"].map(|name| folder.path().join(name));
        merge(&parts, &folder.path().join("all")).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join("all").join(name)).unwrap();
        assert_eq!([read("python/a.py"), read("python/b.py")], ["one", "two"]);
        assert_eq!(read("thing/inside"), "a folder");
        let again = [parts[1].clone(), parts[0].clone()];
        merge(&again, &folder.path().join("other")).unwrap();
        assert!(folder.path().join("other/thing").is_file());
    }
}
