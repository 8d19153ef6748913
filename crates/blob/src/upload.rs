use crate::{
    BlobId, BlobRef, Error,
    id::Salt,
    seal::{FRAME_BYTES, Frames, SEALED_FRAME_BYTES, sealed_bytes},
    storage::Storage,
};
use bytes::{Bytes, BytesMut};
use object_store::{PutPayloadMut, WriteMultipart};

/// The most bytes that one blob may have: what one `PutObject` or `UploadPart` may carry.
pub const MAX_BLOB_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// A blob that is being uploaded. At most two parts of it are in memory. One that is dropped before
/// [`Upload::finish`] has answered leaves nothing that [`Blobs::collect`](crate::Blobs::collect)
/// would not remove.
pub struct Upload {
    id: BlobId,
    /// Given so far.
    bytes: u64,
    sealer: Option<Sealer>,
    sink: Sink,
    /// The most bytes that may be given.
    limit: u64,
}

impl Upload {
    pub(crate) fn new(storage: Storage, id: BlobId, sealing: Option<(Salt, Frames)>) -> Self {
        let sealer = sealing.map(|(salt, frames)| Sealer {
            salt,
            frames,
            index: 0,
            pending: BytesMut::new(),
        });
        let sink = Sink { storage, id, begun: PutPayloadMut::new(), parts: None };
        Self { id, bytes: 0, sealer, sink, limit: MAX_BLOB_BYTES }
    }

    /// Of bytes as they are stored: sealed ones are more.
    pub(crate) fn copy(storage: Storage, id: BlobId) -> Self {
        Self { limit: sealed_bytes(MAX_BLOB_BYTES), ..Self::new(storage, id, None) }
    }

    /// How many bytes were given so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends bytes. Waits while those before are still on their way.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Storage`]; drop the upload then.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), Error> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.limit {
            return Err(Error::TooLarge);
        }
        while !bytes.is_empty() {
            match &mut self.sealer {
                None => {
                    let piece = bytes.split_to(bytes.len().min(self.sink.storage.part_bytes));
                    self.sink.write(piece).await?;
                }
                Some(sealer) => {
                    if let Some(frame) = sealer.push(&mut bytes) {
                        self.sink.write(frame).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the blob. It is durable when this answers.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn finish(mut self) -> Result<BlobRef, Error> {
        let salt = self.sealer.as_ref().map(|sealer| sealer.salt);
        if let Some(sealer) = self.sealer.take() {
            self.sink.write(sealer.last()).await?;
        }
        self.sink.finish().await?;
        Ok(BlobRef { id: self.id, bytes: self.bytes, salt })
    }
}

struct Sealer {
    salt: Salt,
    frames: Frames,
    /// Of the frame that is being filled.
    index: u64,
    /// Its bytes. A full one waits for the next byte: it may be the last.
    pending: BytesMut,
}

impl Sealer {
    /// Takes bytes, not all perhaps, and gives a frame once more than it is there.
    fn push(&mut self, bytes: &mut Bytes) -> Option<Bytes> {
        let full = (self.pending.len() == FRAME_BYTES).then(|| {
            let plain = std::mem::take(&mut self.pending);
            self.index += 1;
            self.frames.seal(self.index - 1, false, plain)
        });
        if self.pending.capacity() == 0 {
            self.pending.reserve(SEALED_FRAME_BYTES);
        }
        let taken = bytes.split_to(bytes.len().min(FRAME_BYTES - self.pending.len()));
        self.pending.extend_from_slice(&taken);
        full
    }

    fn last(self) -> Bytes {
        self.frames.seal(self.index, true, self.pending)
    }
}

/// Takes the bytes as they will be stored.
struct Sink {
    storage: Storage,
    id: BlobId,
    /// Less than a part: what fits into it is stored in one step.
    begun: PutPayloadMut,
    parts: Option<WriteMultipart>,
}

impl Sink {
    async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        if self.parts.is_none() {
            if self.begun.content_length() + bytes.len() < self.storage.part_bytes {
                self.begun.push(bytes);
                return Ok(());
            }
            let mut parts = self.storage.put_parts(self.id).await?;
            for begun in std::mem::take(&mut self.begun).freeze() {
                parts.put(begun);
            }
            self.parts = Some(parts);
        }
        let parts = self.parts.as_mut().expect("it was set just above");
        // One part is on its way while the next is filled.
        parts.wait_for_capacity(1).await.map_err(Error::Storage)?;
        parts.put(bytes);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), Error> {
        match self.parts.take() {
            None => {
                let payload = std::mem::take(&mut self.begun).freeze();
                self.storage.put(self.id, payload).await
            }
            Some(parts) => parts.finish().await.map(drop).map_err(Error::Storage),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let Some(parts) = self.parts.take() else { return };
        let (Ok(runtime), id) = (tokio::runtime::Handle::try_current(), self.id) else { return };
        runtime.spawn(async move {
            if let Err(error) = parts.abort().await {
                tracing::warn!(%id, %error, "an upload that was given up left parts in the storage");
            }
        });
    }
}
