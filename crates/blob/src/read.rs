//! Blobs as streams.

use crate::{
    BlobId, BlobRef, Error,
    seal::{FRAME_BYTES, Frames, SEALED_FRAME_BYTES, frame_count},
    storage::{Storage, location},
};
use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore};
use std::{fs::File, ops::Range, os::unix::fs::FileExt, sync::Arc};

/// The bytes of a blob, in order.
pub type BlobStream = BoxStream<'static, Result<Bytes, Error>>;

/// What is read from a file at a time: four frames.
const READ_BYTES: u64 = 4 * SEALED_FRAME_BYTES as u64;

/// The bytes of a range of a blob, which `frames` opens if it is sealed.
pub(crate) async fn range(
    storage: &Storage,
    blob: &BlobRef,
    frames: Option<Frames>,
    range: Range<u64>,
) -> Result<BlobStream, Error> {
    if range.start > range.end || range.end > blob.bytes {
        return Err(Error::Range { start: range.start, end: range.end, bytes: blob.bytes });
    }
    let Some(frames) = frames else { return stored(storage, blob, range).await };
    let opener = Opener::new(blob, frames, range);
    let source = stored(storage, blob, opener.stored()).await?;
    Ok(opener.open(source))
}

/// The bytes of a range as they are stored.
async fn stored(storage: &Storage, blob: &BlobRef, range: Range<u64>) -> Result<BlobStream, Error> {
    let id = blob.id;
    let mut options = GetOptions { head: range.is_empty(), ..GetOptions::default() };
    if !range.is_empty() {
        options.range = Some(GetRange::Bounded(range.clone()));
    }
    let found = storage.objects.get_opts(&location(id), options).await;
    let found = match found.map_err(|error| Error::of(id, error)) {
        // Asked for a range that begins behind its end, a storage says so in its own way.
        Err(Error::Storage(error)) => return Err(shorter(storage, blob, error).await),
        found => found?,
    };
    check_size(blob, found.meta.size)?;
    if range.is_empty() {
        return Ok(stream::empty().boxed());
    }
    let expected = range.end - range.start;
    Ok(match found.payload {
        GetResultPayload::File(file, _) => file_stream(id, Arc::new(file), range),
        GetResultPayload::Stream(stream) => {
            let stream = stream.map_err(move |error| Error::of(id, error));
            exactly(id, stream.boxed(), expected)
        }
    })
}

/// Why a range cannot be read: perhaps because the blob is shorter than it was.
async fn shorter(storage: &Storage, blob: &BlobRef, error: object_store::Error) -> Error {
    let options = GetOptions { head: true, ..GetOptions::default() };
    match storage.objects.get_opts(&location(blob.id), options).await {
        Ok(found) => check_size(blob, found.meta.size).err().unwrap_or(Error::Storage(error)),
        Err(_) => Error::Storage(error),
    }
}

fn check_size(blob: &BlobRef, stored: u64) -> Result<(), Error> {
    if stored == blob.stored_bytes() {
        return Ok(());
    }
    let reason = format!("it has {stored} bytes in the storage instead of {}", blob.stored_bytes());
    Err(Error::damaged(blob.id, reason))
}

/// Reads a file off the async threads, in few large steps.
fn file_stream(id: BlobId, file: Arc<File>, range: Range<u64>) -> BlobStream {
    stream::try_unfold(range, move |rest| {
        let file = file.clone();
        async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let next = rest.end.min(rest.start + READ_BYTES);
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = BytesMut::zeroed((next - rest.start) as usize);
                file.read_exact_at(&mut bytes, rest.start).map(|()| bytes.freeze())
            });
            match read.await {
                Ok(Ok(bytes)) => Ok(Some((bytes, next..rest.end))),
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    Err(Error::damaged(id, "it became shorter while it was read"))
                }
                Ok(Err(error)) => Err(Error::Folder(error)),
                Err(error) => Err(Error::Folder(std::io::Error::other(error))),
            }
        }
    })
    .boxed()
}

/// The same stream, failing if it ends with fewer or more bytes than expected.
fn exactly(id: BlobId, source: BlobStream, expected: u64) -> BlobStream {
    stream::try_unfold((source, expected), move |(mut source, left)| async move {
        let ended = || Error::damaged(id, "the storage sent another number of bytes than it said");
        match source.try_next().await? {
            None if left == 0 => Ok(None),
            None => Err(ended()),
            Some(bytes) => {
                let left = left.checked_sub(bytes.len() as u64).ok_or_else(ended)?;
                Ok(Some((bytes, (source, left))))
            }
        }
    })
    .boxed()
}

/// Opens the frames that a range needs, and cuts off what the range does not.
struct Opener {
    id: BlobId,
    frames: Frames,
    /// What is wanted of the blob.
    range: Range<u64>,
    /// Of the whole blob.
    bytes: u64,
    /// The next frame, and the one after the last that is needed.
    next: u64,
    end: u64,
    /// Stored bytes that are not a whole frame yet.
    pending: BytesMut,
}

impl Opener {
    fn new(blob: &BlobRef, frames: Frames, range: Range<u64>) -> Self {
        let frame = FRAME_BYTES as u64;
        let last = frame_count(blob.bytes) - 1;
        let next = (range.start / frame).min(last);
        // A range without bytes needs a frame as well: what is damaged is not read as nothing.
        let end = (range.end.saturating_sub(1) / frame).clamp(next, last) + 1;
        let (id, bytes) = (blob.id, blob.bytes);
        Self { id, frames, range, bytes, next, end, pending: BytesMut::new() }
    }

    /// Where the frames lie.
    fn stored(&self) -> Range<u64> {
        let sealed = SEALED_FRAME_BYTES as u64;
        let size = crate::seal::sealed_bytes(self.bytes);
        self.next * sealed..size.min(self.end * sealed)
    }

    fn open(self, source: BlobStream) -> BlobStream {
        stream::try_unfold((self, source), |(mut opener, mut source)| async move {
            while opener.next < opener.end {
                let Some(frame) = opener.take_frame() else {
                    let ended = || Error::damaged(opener.id, "it ends too early");
                    let bytes = source.try_next().await?.ok_or_else(ended)?;
                    opener.pending.extend_from_slice(&bytes);
                    continue;
                };
                let plain = opener.open_frame(frame)?;
                if !plain.is_empty() {
                    return Ok(Some((plain, (opener, source))));
                }
            }
            Ok(None)
        })
        .boxed()
    }

    fn is_last(&self) -> bool {
        self.next + 1 == frame_count(self.bytes)
    }

    fn take_frame(&mut self) -> Option<BytesMut> {
        let size = if self.is_last() {
            (crate::seal::sealed_bytes(self.bytes) - self.next * SEALED_FRAME_BYTES as u64) as usize
        } else {
            SEALED_FRAME_BYTES
        };
        (self.pending.len() >= size).then(|| self.pending.split_to(size))
    }

    /// The part of the next frame that is wanted.
    fn open_frame(&mut self, frame: BytesMut) -> Result<Bytes, Error> {
        let plain = self.frames.open(self.next, self.is_last(), frame).ok_or_else(|| {
            let reason = format!("its frame {} is not what was sealed there", self.next);
            Error::damaged(self.id, reason)
        })?;
        let begin = self.next * FRAME_BYTES as u64;
        self.next += 1;
        let end = begin + plain.len() as u64;
        let from = self.range.start.clamp(begin, end);
        let to = self.range.end.clamp(from, end);
        Ok(plain.slice((from - begin) as usize..(to - begin) as usize))
    }
}
