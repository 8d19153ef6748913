use std::path::PathBuf;

/// Why Pileus does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder of the data folder.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file whose content is not what it should be.
    #[error("{}: {reason}", path.display())]
    Content {
        /// Which one.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The address is taken, or not this host's.
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] kv::Error),
    /// A backup, a restore, a copy or a check.
    #[error(transparent)]
    Backup(#[from] backup::Error),
    /// The services do not fit together: a defect.
    #[error("the services do not fit together: {0}")]
    Setup(String),
    /// A part of the platform cannot start.
    #[error("{part} cannot start: {reason}")]
    Part {
        /// Which part.
        part: &'static str,
        /// Why.
        reason: String,
    },
}
