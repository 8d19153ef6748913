use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use kv::Error;

use crate::acknowledged::Acknowledged;
use crate::disk::Disk;
use crate::log::Log;

const FORMAT_FILE: &str = "format";
const FORMAT: &str = "pileus kv-embedded 1\n";

/// The data folder, locked for as long as this lives.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Locks the folder; makes an empty store of it if it is new.
    pub(crate) fn open(disk: &dyn Disk, path: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(path).map_err(|error| io_error(path, &error))?;
        let folder = Self { path: path.to_owned(), _lock: lock(&path.join("lock"))? };
        let format = path.join(FORMAT_FILE);
        match std::fs::read(&format) {
            Ok(found) if found == FORMAT.as_bytes() => Ok(folder),
            Ok(found) => Err(Error::Corrupt(format!(
                "{} says {:?}; this build knows {FORMAT:?}",
                format.display(),
                String::from_utf8_lossy(&found)
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                folder.create(disk)?;
                Ok(folder)
            }
            Err(error) => Err(io_error(&format, &error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    pub(crate) fn tables(&self) -> PathBuf {
        self.path.join("tables")
    }

    /// The format file comes last: without it, nothing was ever acknowledged here.
    fn create(&self, disk: &dyn Disk) -> Result<(), Error> {
        self.remove_unfinished()?;
        Log::create(disk, &self.log())?;
        Acknowledged::create(disk, &self.path)?;
        let path = self.path.join(FORMAT_FILE);
        let write = || {
            let mut file = disk.create(&path)?;
            file.append(FORMAT.as_bytes())?;
            file.sync()?;
            disk.sync_folder(&self.path)?;
            // The folder itself may be new.
            self.path.parent().map_or(Ok(()), |parent| disk.sync_folder(parent))
        };
        write().map_err(|error| io_error(&path, &error))
    }

    /// Removes what a creation that was interrupted left; refuses a folder that holds more.
    fn remove_unfinished(&self) -> Result<(), Error> {
        let failed = |error: &io::Error| io_error(&self.path, error);
        let tables = self.tables();
        if tables.exists() {
            return Err(Error::Corrupt(format!(
                "{} exists, but {FORMAT_FILE} beside it does not",
                tables.display()
            )));
        }
        for entry in std::fs::read_dir(&self.path).map_err(|error| failed(&error))? {
            let path = entry.map_err(|error| failed(&error))?.path();
            let removed = match path.file_name().and_then(|name| name.to_str()) {
                Some("log") => std::fs::remove_dir_all(&path),
                Some("acknowledged") => std::fs::remove_file(&path),
                _ => Ok(()),
            };
            removed.map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

fn lock(path: &Path) -> Result<File, Error> {
    let options = File::options().create(true).truncate(false).write(true).open(path);
    let file = options.map_err(|error| io_error(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Unavailable(format!(
            "{} is locked: another process uses this data folder",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(io_error(path, &error)),
    }
}

/// The bytes of a file that must be there.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::Corrupt(format!("{} is missing", path.display())),
        _ => io_error(path, &error),
    })
}

pub(crate) fn io_error(path: &Path, error: &io::Error) -> Error {
    Error::Unavailable(format!("{}: {error}", path.display()))
}
