use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// The disk as a commit sees it: what the log and the side file write goes through here, so that
/// tests can lose what was not synced and make a sync fail.
pub(crate) trait Disk: Send + Sync + 'static {
    /// Creates the file, which must not exist.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens the file to append to it after its first `len` bytes; what follows them is cut off.
    fn append(&self, path: &Path, len: u64) -> io::Result<Box<dyn DiskFile>>;

    /// Makes creations and removals in a folder durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file that is open for writing.
pub(crate) trait DiskFile: Send {
    /// Appends `bytes`.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Replaces the beginning of the file with `bytes`, which fit into one sector.
    fn overwrite(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything written so far durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The disk of the operating system.
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create_new(path)?))
    }

    fn append(&self, path: &Path, len: u64) -> io::Result<Box<dyn DiskFile>> {
        // Not in append mode, in which the system ignores where an overwrite wants to go.
        let mut file = OpenOptions::new().write(true).open(path)?;
        if file.metadata()?.len() != len {
            file.set_len(len)?;
            file.sync_all()?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(Box::new(file))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

impl DiskFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn overwrite(&mut self, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(self, bytes, 0)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
