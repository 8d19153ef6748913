use crate::limits;

/// Why a read or a commit failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key or range that the transaction read was written by another that committed first.
    #[error("another transaction wrote what this one read")]
    Conflict,
    /// The engine cannot tell whether the commit took effect.
    #[error("the outcome of the commit is unknown")]
    CommitUnknown,
    /// The transaction's snapshot is older than the engine keeps, or than
    /// [`limits::TRANSACTION_TIME`].
    #[error("the transaction's snapshot is too old")]
    TooOld,
    /// A key has no bytes at all.
    #[error("a key must not be empty")]
    KeyEmpty,
    /// A key is longer than [`limits::KEY_BYTES`].
    #[error("a key of {bytes} bytes exceeds the limit of {} bytes", limits::KEY_BYTES)]
    KeyTooLarge {
        /// The length of the refused key.
        bytes: usize,
    },
    /// A value is longer than [`limits::VALUE_BYTES`].
    #[error("a value of {bytes} bytes exceeds the limit of {} bytes", limits::VALUE_BYTES)]
    ValueTooLarge {
        /// The length of the refused value.
        bytes: usize,
    },
    /// The transaction writes more than [`limits::TRANSACTION_BYTES`].
    #[error(
        "a transaction of {bytes} bytes exceeds the limit of {} bytes",
        limits::TRANSACTION_BYTES
    )]
    TransactionTooLarge {
        /// What the transaction would have written, in bytes.
        bytes: usize,
    },
    /// The transaction writes or tracks more than [`limits::TRANSACTION_KEYS`].
    #[error("a transaction of {keys} keys exceeds the limit of {} keys", limits::TRANSACTION_KEYS)]
    TooManyKeys {
        /// How many keys the transaction would have written or tracked.
        keys: usize,
    },
    /// Stored bytes are not what was written, or are of a version that this build does not know.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// The engine cannot serve: it has stopped after an error, or cannot be reached.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

impl Error {
    /// Whether the same transaction, run again from its beginning, may succeed.
    ///
    /// [`Error::CommitUnknown`] is not: run again, it might take effect twice.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Conflict | Self::TooOld => true,
            Self::CommitUnknown
            | Self::KeyEmpty
            | Self::KeyTooLarge { .. }
            | Self::ValueTooLarge { .. }
            | Self::TransactionTooLarge { .. }
            | Self::TooManyKeys { .. }
            | Self::Corrupt(_)
            | Self::Unavailable(_) => false,
        }
    }
}
