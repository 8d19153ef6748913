use service::Fault;

/// What stacks answer instead of doing it. Codes and texts follow the AWS CloudFormation API
/// reference and the replies that the service is known to give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request or the template is wrong; the text says why.
    #[error("{0}")]
    Validation(String),
    /// A stack of that name exists.
    #[error("Stack [{0}] already exists")]
    StackExists(String),
    /// A change set of that name exists.
    #[error("ChangeSet {0} cannot be created due to a mismatch with existing attribute Name")]
    ChangeSetExists(String),
    /// No such change set.
    #[error("ChangeSet [{0}] does not exist")]
    ChangeSetNotFound(String),
    /// The change set cannot be used now.
    #[error("{0}")]
    InvalidChangeSetStatus(String),
    /// The caller has not acknowledged what the template makes.
    #[error("Requires capabilities : [{0}]")]
    InsufficientCapabilities(String),
    /// Too much of something.
    #[error("{0}")]
    LimitExceeded(String),
    /// The client's token was used for something else.
    #[error("Token already exists: {0}")]
    TokenAlreadyExists(String),
    /// What Pileus does not do.
    #[error("Pileus does not support {0}.")]
    Unsupported(String),
}

impl Error {
    /// A request that is wrong.
    pub(crate) fn validation(text: impl Into<String>) -> Self {
        Self::Validation(text.into())
    }

    /// The official name of the error's shape.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Validation(_) => "ValidationError",
            Self::StackExists(_) | Self::ChangeSetExists(_) => "AlreadyExistsException",
            Self::ChangeSetNotFound(_) => "ChangeSetNotFoundException",
            Self::InvalidChangeSetStatus(_) => "InvalidChangeSetStatusException",
            Self::InsufficientCapabilities(_) => "InsufficientCapabilitiesException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::TokenAlreadyExists(_) => "TokenAlreadyExistsException",
            Self::Unsupported(_) => "UnsupportedOperation",
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let status = if matches!(error, Error::ChangeSetNotFound(_)) { 404 } else { 400 };
        Self::sender(error.code(), error.to_string()).status(status)
    }
}

/// Every error of a template is a `ValidationError` that names its place.
impl From<template::Error> for Error {
    fn from(error: template::Error) -> Self {
        Self::Validation(error.to_string())
    }
}
