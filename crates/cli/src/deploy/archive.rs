//! Zips that are the same bytes for the same files.

use super::tree::File;
use crate::error::Error;
use sha2::{Digest, Sha256};
use std::{
    cell::RefCell,
    collections::HashMap,
    io::{Cursor, Write},
    rc::Rc,
};
use zip::{
    CompressionMethod, DateTime, ZipArchive, ZipWriter,
    result::{ZipError, ZipResult},
    write::SimpleFileOptions,
};

/// Bytes of compressed files that are remembered. What goes beyond makes all be forgotten.
const REMEMBERED_BYTES: usize = 256 * 1024 * 1024;

/// A zip and its name.
#[derive(Debug, Clone)]
pub(super) struct Package {
    /// The lower-case hexadecimal SHA-256 of the zip.
    pub(super) sha256: String,
    pub(super) zip: Vec<u8>,
}

/// Files as they were compressed before: a save changes one of them, and its dependencies can be
/// thousands. A clone remembers the same.
#[derive(Clone, Default)]
pub(super) struct Entries(Rc<RefCell<Known>>);

#[derive(Default)]
struct Known {
    /// Zips of one file each, by the hash of what is in them.
    zips: HashMap<[u8; 32], Rc<[u8]>>,
    bytes: usize,
}

impl Entries {
    /// The zip of one file.
    fn zip(&self, file: &File) -> Result<Rc<[u8]>, Error> {
        let content = file.read()?;
        let mut hash = Sha256::new();
        hash.update(Sha256::digest(file.name.as_bytes()));
        hash.update([u8::from(file.executable)]);
        hash.update(&content);
        let key = hash.finalize().into();
        if let Some(zip) = self.0.borrow().zips.get(&key) {
            return Ok(zip.clone());
        }
        let zip: Rc<[u8]> = compress(file, &content).map_err(|error| failed(file, &error))?.into();
        let mut known = self.0.borrow_mut();
        if known.bytes + zip.len() > REMEMBERED_BYTES {
            *known = Known::default();
        }
        known.bytes += zip.len();
        known.zips.insert(key, zip.clone());
        Ok(zip)
    }
}

impl Package {
    pub(super) fn new(zip: Vec<u8>) -> Self {
        Self { sha256: hex::encode(Sha256::digest(&zip)), zip }
    }

    /// Zips files, which are in the order of their names. Times are left out, and of the modes only
    /// whether a file can be executed stays.
    pub(super) fn of(files: &[File], entries: &Entries) -> Result<Self, Error> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for file in files {
            let zip = entries.zip(file)?;
            add(&mut writer, &zip).map_err(|error| failed(file, &error))?;
        }
        let zip = writer.finish().map_err(|error| Error::new(format!("the zip: {error}")))?;
        Ok(Self::new(zip.into_inner()))
    }
}

fn compress(file: &File, content: &[u8]) -> ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(if file.executable { 0o755 } else { 0o644 });
    writer.start_file(file.name.as_str(), options)?;
    writer.write_all(content).map_err(ZipError::from)?;
    Ok(writer.finish()?.into_inner())
}

/// Takes the one file of a zip over as it is compressed there.
fn add(writer: &mut ZipWriter<Cursor<Vec<u8>>>, zip: &[u8]) -> ZipResult<()> {
    writer.raw_copy_file(ZipArchive::new(Cursor::new(zip))?.by_index_raw(0)?)
}

fn failed(file: &File, error: &ZipError) -> Error {
    Error::new(format!("{}: {error}", file.path.display()))
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
        let entries = Entries::default();
        let pack = |folder: &Path, entries: &Entries| {
            Package::of(&tree::files(folder, &[]).unwrap(), entries).unwrap()
        };
        let (first, second) = (pack(one.path(), &Entries::default()), pack(two.path(), &entries));
        assert_eq!(first.sha256, second.sha256);
        fs::write(two.path().join("a.py"), "other").unwrap();
        // What is remembered makes no difference, of what changed and of what did not.
        let changed = pack(two.path(), &entries);
        assert_ne!(changed.sha256, first.sha256);
        assert_eq!(changed.sha256, pack(two.path(), &Entries::default()).sha256);
        fs::write(two.path().join("a.py"), "a.py".repeat(100)).unwrap();
        assert_eq!(pack(two.path(), &entries).sha256, first.sha256);

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
