//! Deployment packages, unpacked into folders that sandboxes read.

use crate::{Error, config};
use std::{
    fs::{self, File, Permissions},
    io::{self, Cursor, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};
use zip::{ZipArchive, read::ZipFile};

const FOLDER_MODE: u32 = 0o755;
const PROGRAM_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// What is wrong with a package, or with the disk.
#[derive(Debug)]
pub(crate) enum Failure {
    Package(Error),
    Disk(io::Error),
}

/// Unpacks a zip into a folder, which is made. Files are readable by everybody, and executable if
/// the zip says that they are for anybody. Answers the bytes of all files, at most `limit`.
pub(crate) fn unpack(zip: &[u8], into: &Path, limit: u64) -> Result<u64, Failure> {
    let mut archive =
        ZipArchive::new(Cursor::new(zip)).map_err(|_| Failure::Package(Error::NotAZip))?;
    if archive.is_empty() {
        let message = "Uploaded file must be a non-empty zip".to_owned();
        return Err(Failure::Package(Error::InvalidParameterValue(message)));
    }
    if archive.len() > config::PACKAGE_ENTRIES {
        let message =
            format!("A deployment package can have at most {} files.", config::PACKAGE_ENTRIES);
        return Err(Failure::Package(Error::InvalidParameterValue(message)));
    }
    folder(into)?;
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| Failure::Package(Error::NotAZip))?;
        left -= one(entry, into, left)?;
    }
    Ok(limit - left)
}

/// One entry; answers its size, which is at most `left`.
fn one(mut entry: ZipFile<'_, Cursor<&[u8]>>, into: &Path, left: u64) -> Result<u64, Failure> {
    let name = entry.name().to_owned();
    if entry.is_symlink() {
        let what = format!("symbolic links in deployment packages: {name:?}");
        return Err(Failure::Package(Error::Unsupported(what)));
    }
    let Some(path) = entry.enclosed_name() else {
        let message = format!("The deployment package names a file outside of itself: {name:?}");
        return Err(Failure::Package(Error::InvalidParameterValue(message)));
    };
    let path = into.join(path);
    if entry.is_dir() {
        folder(&path)?;
        return Ok(0);
    }
    path.parent().map_or(Ok(()), folder)?;
    let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
    let mut file = File::create(&path).map_err(Failure::Disk)?;
    // The sizes in a zip's directory are claims: what counts is what comes out.
    let size = copy(&mut (&mut entry).take(left + 1), &mut file)?;
    if size > left {
        return Err(Failure::Package(Error::UnzippedTooLarge));
    }
    let mode = if executable { PROGRAM_MODE } else { FILE_MODE };
    file.set_permissions(Permissions::from_mode(mode)).map_err(Failure::Disk)?;
    Ok(size)
}

/// Copies, and tells a damaged package from a failing disk.
fn copy(from: &mut impl Read, to: &mut impl io::Write) -> Result<u64, Failure> {
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let count = from.read(&mut buffer).map_err(|_| Failure::Package(Error::NotAZip))?;
        if count == 0 {
            return Ok(total);
        }
        to.write_all(&buffer[..count]).map_err(Failure::Disk)?;
        total += count as u64;
    }
}

/// Makes a folder and those above it, readable by everybody whatever the process's mask is.
fn folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), folder)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Failure::Disk(error)),
        _ => fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE)).map_err(Failure::Disk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing::{Entry, zip};

    fn unpacked(entries: &[Entry<'_>]) -> (Result<u64, Failure>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (unpack(&zip(entries), &folder.path().join("code"), 1_000), folder)
    }

    #[test]
    fn files_keep_their_names_and_programs_stay_programs() {
        let (result, folder) = unpacked(&[
            Entry::File("index.py", 0o600, "code"),
            Entry::File("bin/tool", 0o700, "tool"),
        ]);
        assert_eq!(result.unwrap(), 8);
        let mode = |name: &str| {
            fs::metadata(folder.path().join("code").join(name)).unwrap().permissions().mode()
                & 0o777
        };
        assert_eq!([mode("index.py"), mode("bin"), mode("bin/tool")], [0o644, 0o755, 0o755]);
    }

    #[test]
    fn a_package_cannot_leave_its_folder() {
        for name in ["../evil", "a/../../evil"] {
            let (result, _) = unpacked(&[Entry::File(name, 0o644, "x")]);
            assert!(
                matches!(result, Err(Failure::Package(Error::InvalidParameterValue(_)))),
                "{name}"
            );
        }
        let (result, _) = unpacked(&[Entry::Link("link", "/etc/passwd")]);
        assert!(matches!(result, Err(Failure::Package(Error::Unsupported(_)))));
    }

    #[test]
    fn files_that_are_together_too_large_are_refused_whatever_the_zip_says_of_them() {
        let text = "x".repeat(600);
        let (result, _) = unpacked(&[Entry::File("one", 0o644, &text)]);
        assert_eq!(result.unwrap(), 600);
        let both = [Entry::File("one", 0o644, &text), Entry::File("two", 0o644, &text)];
        let (result, _) = unpacked(&both);
        assert!(matches!(result, Err(Failure::Package(Error::UnzippedTooLarge))));
    }

    #[test]
    fn what_is_no_zip_or_an_empty_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |bytes: &[u8]| unpack(bytes, &folder.path().join("x"), 1_000).unwrap_err();
        assert!(matches!(refused(b"not a zip"), Failure::Package(Error::NotAZip)));
        let (result, _) = unpacked(&[]);
        assert!(matches!(result, Err(Failure::Package(Error::InvalidParameterValue(_)))));
    }
}
