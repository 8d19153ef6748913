//! Directories of the host that sandboxes may read.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Lets every user of the host read what is in a directory, itself included, and enter
/// directories and execute files that their owner may execute. A sandbox is a user of its own,
/// so what it shall read has to be readable by all; a directory above that is closed keeps the
/// host's other users out, and does not hinder sandboxes. Links are left alone.
///
/// # Errors
/// Of the first file whose mode cannot be read or changed.
pub fn make_readable(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode();
    let executable = metadata.is_dir() || mode & 0o100 != 0;
    let readable = mode | if executable { 0o555 } else { 0o444 };
    if readable != mode {
        fs::set_permissions(path, Permissions::from_mode(readable))?;
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            make_readable(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_readable_and_programs_executable_for_everybody() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("made");
        for (name, mode) in [("data", 0o600), ("program", 0o700)] {
            fs::write(inner.join(name), "").expect("written");
            fs::set_permissions(inner.join(name), Permissions::from_mode(mode)).expect("set");
        }
        fs::set_permissions(&inner, Permissions::from_mode(0o700)).expect("set");
        std::os::unix::fs::symlink("/does/not/exist", inner.join("link")).expect("linked");
        make_readable(&inner).expect("made readable");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o755);
        assert_eq!(mode(&inner.join("data")), 0o644);
        assert_eq!(mode(&inner.join("program")), 0o755);
    }
}
