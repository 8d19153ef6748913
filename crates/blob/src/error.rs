use crate::BlobId;

/// What went wrong with a blob.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such blob.
    #[error("the blob {0} does not exist")]
    NotFound(BlobId),
    /// Its upload took longer than the grace, and it has been or is being collected.
    #[error("the blob {0} was collected before anything referred to it")]
    Collected(BlobId),
    /// A backup needs every blob that is there.
    #[error("no blob is collected while a backup is made")]
    Held,
    /// The bytes in the storage are not those that were uploaded, or were sealed under another
    /// master key.
    #[error("the blob {id} is damaged: {reason}")]
    Damaged {
        /// Which.
        id: BlobId,
        /// What is wrong with it.
        reason: String,
    },
    /// An upload has more bytes than a blob may have.
    #[error("a blob has at most {} bytes", crate::MAX_BLOB_BYTES)]
    TooLarge,
    /// A range that does not lie in the blob.
    #[error("bytes {start} to {end} do not lie in a blob of {bytes} bytes")]
    Range {
        /// Its first byte.
        start: u64,
        /// The byte after its last.
        end: u64,
        /// The size of the blob.
        bytes: u64,
    },
    /// A sealed blob without the master key.
    #[error("sealed blobs need the master key, and there is none")]
    NoKey,
    /// The folder or the object storage failed.
    #[error("the blob storage failed: {0}")]
    Storage(#[source] object_store::Error),
    /// A place that cannot be one of blobs.
    #[error("{place:?} is no place for blobs: {reason}")]
    Place {
        /// As it was given.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder cannot be made, read or synced.
    #[error("the blob folder cannot be used: {0}")]
    Folder(#[source] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

impl Error {
    /// What the storage says of this blob.
    pub(crate) fn of(id: BlobId, error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound(id),
            error => Self::Storage(error),
        }
    }

    pub(crate) fn damaged(id: BlobId, reason: impl Into<String>) -> Self {
        Self::Damaged { id, reason: reason.into() }
    }
}
