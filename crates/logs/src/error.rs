use crate::config;
use service::{Fault, Violation};

/// What logs answer instead of doing it. Codes follow the CloudWatch Logs API reference, texts the
/// replies that the service is known to give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter's value is not allowed; the text says why.
    #[error("{0}")]
    InvalidParameter(String),
    /// No group of that name.
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    /// No stream of that name.
    #[error("The specified log stream does not exist.")]
    StreamNotFound,
    /// A group of that name.
    #[error("The specified log group already exists")]
    GroupExists,
    /// A stream of that name.
    #[error("The specified log stream already exists")]
    StreamExists,
    /// A group with too many tags.
    #[error("A log group can have at most {max} tags.", max = config::TAGS)]
    TooManyTags {
        /// The ARN of the group.
        resource: String,
    },
    /// What Pileus does not do.
    #[error("Pileus does not support {0}.")]
    Unsupported(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

impl Error {
    /// The official name of the error's shape.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidParameter(_) => "InvalidParameterException",
            Self::GroupNotFound | Self::StreamNotFound => "ResourceNotFoundException",
            Self::GroupExists | Self::StreamExists => "ResourceAlreadyExistsException",
            Self::TooManyTags { .. } => "TooManyTagsException",
            Self::Unsupported(_) => "UnsupportedOperation",
            Self::Store(_) => "ServiceUnavailableException",
        }
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::InvalidParameter(text.into())
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let fault = |error: &Error| Self::sender(error.code(), error.to_string());
        match error {
            Error::Store(error) => error.into(),
            Error::TooManyTags { ref resource } => {
                fault(&error).member("resourceName", resource.as_str())
            }
            error => fault(&error),
        }
    }
}

/// How CloudWatch Logs tells the constraints that an input breaks.
pub(crate) fn from_violations(violations: &[Violation]) -> Fault {
    Error::invalid(Violation::join(violations)).into()
}
