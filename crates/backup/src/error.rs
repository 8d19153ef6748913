use blob::BlobId;
use std::{io, path::Path, path::PathBuf};

/// Why a backup, restore, copy or check did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] kv::Error),
    /// The blobs failed, or one of them is missing or damaged.
    #[error(transparent)]
    Blob(#[from] blob::Error),
    /// A file of the backup cannot be written or read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in the backup is not what was written there.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// A record of the store cannot be read, so nobody knows which blobs it refers to.
    #[error("{0}: `pileus check` lists everything that is damaged")]
    Unreadable(String),
    /// What the source says and what it gives differ.
    #[error("the blob {id} ended after {read} of {expected} bytes")]
    Short {
        /// Which.
        id: BlobId,
        /// What it gave.
        read: u64,
        /// What it should have.
        expected: u64,
    },
    /// It is not done, for a reason that the user can remove.
    #[error("{0}")]
    Refused(String),
    /// A running installation did not give what was asked of it.
    #[error("{0}")]
    Remote(String),
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
