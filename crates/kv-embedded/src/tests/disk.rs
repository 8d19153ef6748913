use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use crate::disk::{Disk, DiskFile, SystemDisk};

/// A disk whose syncs can be seen, made to fail, and made to hang.
#[derive(Default)]
pub(super) struct TestDisk(Arc<State>);

#[derive(Default)]
struct State {
    mode: Mutex<Mode>,
    changed: Condvar,
    report: Option<Report>,
}

type Report = Box<dyn Fn(Synced<'_>) + Send + Sync>;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Works,
    FailsToSync,
    Hangs,
}

/// What has become durable.
pub(super) enum Synced<'a> {
    /// The first bytes of a file, and those that were overwritten at its beginning.
    File { path: &'a Path, bytes: u64, beginning: &'a [u8] },
    /// The names in a folder.
    Folder,
}

impl TestDisk {
    pub(super) fn reporting(report: impl Fn(Synced<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(State { report: Some(Box::new(report)), ..State::default() }))
    }

    pub(super) fn set(&self, mode: Mode) {
        *self.0.mode.lock().unwrap() = mode;
        self.0.changed.notify_all();
    }
}

impl State {
    fn before_sync(&self) -> io::Result<()> {
        let mode = self.mode.lock().unwrap();
        let mode = self.changed.wait_while(mode, |mode| *mode == Mode::Hangs).unwrap();
        if *mode == Mode::FailsToSync { Err(io::Error::other("injected")) } else { Ok(()) }
    }

    fn report(&self, synced: Synced<'_>) {
        if let Some(report) = &self.report {
            report(synced);
        }
    }
}

impl Disk for TestDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(SystemDisk.create(path)?, path, 0))
    }

    fn append(&self, path: &Path, len: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(SystemDisk.append(path, len)?, path, len))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.0.before_sync()?;
        SystemDisk.sync_folder(path)?;
        self.0.report(Synced::Folder);
        Ok(())
    }
}

impl TestDisk {
    fn wrap(&self, file: Box<dyn DiskFile>, path: &Path, bytes: u64) -> Box<dyn DiskFile> {
        let (state, path) = (self.0.clone(), path.to_owned());
        Box::new(TestFile { state, file, path, bytes, beginning: Vec::new() })
    }
}

struct TestFile {
    state: Arc<State>,
    file: Box<dyn DiskFile>,
    path: PathBuf,
    bytes: u64,
    beginning: Vec<u8>,
}

impl DiskFile for TestFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.append(bytes)
    }

    fn overwrite(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.beginning = bytes.to_vec();
        self.file.overwrite(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.state.before_sync()?;
        self.file.sync()?;
        let (path, bytes, beginning) = (&*self.path, self.bytes, &*self.beginning);
        self.state.report(Synced::File { path, bytes, beginning });
        Ok(())
    }
}
