use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use kv::Error;

use crate::disk::{Disk, DiskFile};
use crate::folder::{io_error, read};
use crate::frame::{self, Write};

/// A frame number and the last version in that frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Position {
    pub(crate) sequence: u64,
    pub(crate) version: u64,
}

/// The write-ahead log: files of frames, each named after the sequence of its first frame.
pub(crate) struct Log {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    file: Box<dyn DiskFile>,
    /// The last frame written.
    last: Position,
    /// The bytes in the current file.
    bytes: u64,
    buffer: Vec<u8>,
}

impl Log {
    /// Makes the log of an empty store.
    pub(crate) fn create(disk: &dyn Disk, folder: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(folder).map_err(|error| io_error(folder, &error))?;
        create_file(disk, folder, 1).map(drop)
    }

    /// Reads the log and gives every write after `checkpoint`, up to which everything is in tables,
    /// to `apply`. What an interrupted batch left at the very end is cut off.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if anything else is not as it was written.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        folder: PathBuf,
        checkpoint: Position,
        mut apply: impl FnMut(Vec<Write>),
    ) -> Result<Self, Error> {
        let files = files(&folder)?;
        let (Some(&first), Some(&newest)) = (files.first(), files.last()) else {
            return Err(Error::Corrupt(format!("{} holds no log file", folder.display())));
        };
        if first > checkpoint.sequence + 1 {
            return Err(Error::Corrupt(format!(
                "the log begins with frame {first}, but the tables end with {}",
                checkpoint.sequence
            )));
        }
        let mut last = Position { sequence: first - 1, version: 0 };
        let mut bytes = 0;
        for number in files {
            if number != last.sequence + 1 {
                return Err(damaged(&folder, number, 0, "frames before this file are missing"));
            }
            bytes =
                read_file(&folder, number, number == newest, checkpoint, &mut last, &mut apply)?;
        }
        if last.sequence < checkpoint.sequence {
            return Err(damaged(&folder, newest, bytes, "frames that the tables hold are missing"));
        }
        last.version = last.version.max(checkpoint.version);
        let path = path(&folder, newest);
        let file = disk.append(&path, bytes).map_err(|error| io_error(&path, &error))?;
        Ok(Self { disk, folder, file, last, bytes, buffer: Vec::new() })
    }

    /// The last frame.
    pub(crate) fn last(&self) -> Position {
        self.last
    }

    /// The length of the current file.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes one frame and makes it durable.
    pub(crate) fn append(&mut self, writes: &[Write]) -> Result<(), Error> {
        let sequence = self.last.sequence + 1;
        frame::encode(&mut self.buffer, sequence, writes);
        let written = self.file.append(&self.buffer).and_then(|()| self.file.sync());
        written.map_err(|error| io_error(&self.folder, &error))?;
        self.bytes += self.buffer.len() as u64;
        let version = writes.last().map_or(self.last.version, |write| write.version);
        self.last = Position { sequence, version };
        // One huge transaction must not hold its memory for ever.
        self.buffer.shrink_to(KEPT_BUFFER_BYTES);
        Ok(())
    }

    /// Begins a new file.
    pub(crate) fn rotate(&mut self) -> Result<(), Error> {
        self.file = create_file(&*self.disk, &self.folder, self.last.sequence + 1)?;
        self.bytes = 0;
        Ok(())
    }
}

const KEPT_BUFFER_BYTES: usize = 1024 * 1024;

/// Removes the files whose frames all come before `sequence` or are it, except the newest.
pub(crate) fn remove_through(folder: &Path, sequence: u64) -> Result<(), Error> {
    let files = files(folder)?;
    for (&number, &next) in files.iter().zip(files.iter().skip(1)) {
        if next <= sequence + 1 {
            let path = path(folder, number);
            std::fs::remove_file(&path).map_err(|error| io_error(&path, &error))?;
        }
    }
    Ok(())
}

/// Reads one file; returns the length of what is valid.
fn read_file(
    folder: &Path,
    number: u64,
    newest: bool,
    checkpoint: Position,
    last: &mut Position,
    apply: &mut impl FnMut(Vec<Write>),
) -> Result<u64, Error> {
    let file = Bytes::from(read(&path(folder, number))?);
    let mut at = 0;
    while at < file.len() {
        let rest = file.slice(at..);
        let header = frame::header(&rest);
        let payload = header.and_then(|header| frame::payload(&header, &rest));
        let (Some(header), Some(payload)) = (header, payload) else {
            if newest && !has_frame(&rest, header, last.sequence + 1) {
                break;
            }
            return Err(damaged(folder, number, at as u64, "a frame is not as it was written"));
        };
        if header.sequence != last.sequence + 1 {
            return Err(damaged(folder, number, at as u64, "a frame is not the next one"));
        }
        let writes = frame::decode(payload)?;
        last.sequence = header.sequence;
        last.version = writes.last().map_or(last.version, |write| write.version);
        if header.sequence > checkpoint.sequence {
            apply(writes);
        }
        at += frame::HEADER_BYTES + header.payload_bytes;
    }
    Ok(at as u64)
}

/// Whether a frame after number `damaged` is found in what begins with that one: then the damage is
/// not the end of an interrupted batch, because a batch begins only when the one before is durable.
fn has_frame(bytes: &[u8], header: Option<frame::Header>, damaged: u64) -> bool {
    let start = header.map_or(1, |header| frame::HEADER_BYTES + header.payload_bytes);
    (start..bytes.len())
        .any(|at| frame::header(&bytes[at..]).is_some_and(|header| header.sequence > damaged))
}

fn create_file(disk: &dyn Disk, folder: &Path, number: u64) -> Result<Box<dyn DiskFile>, Error> {
    let path = path(folder, number);
    let file = disk.create(&path).and_then(|mut file| {
        file.sync()?;
        disk.sync_folder(folder)?;
        Ok(file)
    });
    file.map_err(|error| io_error(&path, &error))
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}.log"))
}

/// The numbers of the files, in order.
fn files(folder: &Path) -> Result<Vec<u64>, Error> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| io_error(folder, &error))? {
        let name = entry.map_err(|error| io_error(folder, &error))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log")?.parse().ok());
        numbers.push(number.ok_or_else(|| {
            Error::Corrupt(format!("{} is no log file", folder.join(&name).display()))
        })?);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn damaged(folder: &Path, number: u64, at: u64, what: &str) -> Error {
    Error::Corrupt(format!("{} at byte {at}: {what}", path(folder, number).display()))
}
