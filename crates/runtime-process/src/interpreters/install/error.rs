use std::{io, path::Path};

/// Why an installation failed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The host lacks something.
    #[error("{what} is missing: {remedy}")]
    Missing {
        /// What is missing.
        what: String,
        /// The one command that provides it.
        remedy: String,
    },
    /// A tool failed.
    #[error("{command} failed: {output}")]
    Failed {
        /// The command line.
        command: String,
        /// The end of what it printed.
        output: String,
    },
    /// A download is not what was pinned.
    #[error("{what} has another hash than the pinned one")]
    Hash {
        /// The package.
        what: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    Folder {
        /// Which one.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

impl InstallError {
    pub(super) fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Folder { path, source }
    }

    pub(super) fn missing(what: &str, remedy: &str) -> Self {
        Self::Missing { what: what.into(), remedy: remedy.into() }
    }
}
