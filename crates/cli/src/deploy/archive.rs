//! Zips that are the same bytes for the same files.

use super::tree::File;
use crate::error::Error;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// A zip and its name.
#[derive(Debug, Clone)]
pub(super) struct Package {
    /// The lower-case hexadecimal SHA-256 of the zip.
    pub(super) sha256: String,
    pub(super) zip: Vec<u8>,
}

impl Package {
    pub(super) fn new(zip: Vec<u8>) -> Self {
        Self { sha256: hex::encode(Sha256::digest(&zip)), zip }
    }

    /// Zips files, which are in the order of their names. Times are left out, and of the modes only
    /// whether a file can be executed stays.
    pub(super) fn of(files: &[File]) -> Result<Self, Error> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for file in files {
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .last_modified_time(DateTime::DEFAULT)
                .unix_permissions(if file.executable { 0o755 } else { 0o644 });
            let content = file.read()?;
            writer
                .start_file(file.name.as_str(), options)
                .and_then(|()| writer.write_all(&content).map_err(ZipError::from))
                .map_err(|error| Error::new(format!("{}: {error}", file.path.display())))?;
        }
        let zip = writer.finish().map_err(|error| Error::new(format!("the zip: {error}")))?;
        Ok(Self::new(zip.into_inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;
    use std::{
        fs,
        io::Read,
        os::unix::fs::PermissionsExt,
        path::Path,
        time::{Duration, SystemTime},
    };

    fn fill(folder: &Path, names: &[&str]) {
        fs::create_dir(folder.join("d")).unwrap();
        for name in names {
            fs::write(folder.join(name), name.repeat(100)).unwrap();
        }
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder.join("run"), mode).unwrap();
        let file = fs::File::options().write(true).open(folder.join("run")).unwrap();
        let age = Duration::from_secs(u64::from(names[0] == "run") * 86_400);
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + age)
            .unwrap();
    }

    #[test]
    fn the_same_files_give_the_same_zip_whenever_and_wherever_they_were_made() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fill(one.path(), &["run", "a.py", "d/b.py"]);
        fill(two.path(), &["d/b.py", "a.py", "run"]);
        let pack = |folder: &Path| Package::of(&tree::files(folder, &[]).unwrap()).unwrap();
        let (first, second) = (pack(one.path()), pack(two.path()));
        assert_eq!(first.sha256, second.sha256);
        fs::write(two.path().join("a.py"), "other").unwrap();
        assert_ne!(pack(two.path()).sha256, first.sha256);

        let mut zip = zip::ZipArchive::new(Cursor::new(first.zip)).unwrap();
        let names: Vec<_> = zip.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["a.py", "d/b.py", "run"]);
        assert_eq!(zip.by_name("run").unwrap().unix_mode().unwrap() & 0o777, 0o755);
        assert_eq!(zip.by_name("a.py").unwrap().unix_mode().unwrap() & 0o777, 0o644);
        let mut text = String::new();
        zip.by_name("d/b.py").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "d/b.py".repeat(100));
    }
}
