use service::Fault;
use std::fmt::Display;

/// What IAM and STS answer instead of doing it. Codes and statuses follow their API references, the
/// texts the replies that the services are known to give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A user, role, policy, version or key is not there.
    #[error("{0}")]
    NoSuchEntity(String),
    /// One of that name is there.
    #[error("{0}")]
    EntityAlreadyExists(String),
    /// Something must be removed before.
    #[error("{0}")]
    DeleteConflict(&'static str),
    /// A quota.
    #[error("{0}")]
    LimitExceeded(String),
    /// A policy that is none.
    #[error("{0}")]
    MalformedPolicyDocument(String),
    /// An input that cannot be.
    #[error("{0}")]
    InvalidInput(String),
    /// An input that breaks a constraint.
    #[error("{0}")]
    ValidationError(String),
    /// A session policy that is too large.
    #[error("{0}")]
    PackedPolicyTooLarge(String),
    /// The caller may not.
    #[error("{0}")]
    AccessDenied(String),
    /// A key or token that is unknown, inactive, or does not fit the other.
    #[error("The security token included in the request is invalid.")]
    InvalidClientTokenId,
    /// A session that has ended.
    #[error("The security token included in the request is expired")]
    ExpiredToken,
    /// The request carries no signature, and needs one.
    #[error("Request is missing Authentication Token")]
    MissingAuthenticationToken,
    /// The store.
    #[error(transparent)]
    Store(#[from] kv::Error),
    /// A secret or policy in the store cannot be read; the text is for the log.
    #[error("{0}")]
    Damaged(String),
}

impl Error {
    /// `kind` is `user`, `role`, `user policy`, `role policy`.
    pub(crate) fn unknown(kind: impl Display, name: &str) -> Self {
        Self::NoSuchEntity(format!("The {kind} with name {name} cannot be found."))
    }

    pub(crate) fn unknown_policy(arn: &str) -> Self {
        Self::NoSuchEntity(format!("Policy {arn} was not found."))
    }

    pub(crate) fn unknown_version(arn: &str, id: &str) -> Self {
        let text = format!("Policy {arn} version {id} does not exist or is not attachable.");
        Self::NoSuchEntity(text)
    }

    pub(crate) fn quota(name: &str, limit: impl Display) -> Self {
        Self::LimitExceeded(format!("Cannot exceed quota for {name}: {limit}"))
    }

    /// The official code and status.
    fn code(&self) -> (&'static str, u16) {
        match self {
            Self::NoSuchEntity(_) => ("NoSuchEntity", 404),
            Self::EntityAlreadyExists(_) => ("EntityAlreadyExists", 409),
            Self::DeleteConflict(_) => ("DeleteConflict", 409),
            Self::LimitExceeded(_) => ("LimitExceeded", 409),
            Self::MalformedPolicyDocument(_) => ("MalformedPolicyDocument", 400),
            Self::InvalidInput(_) => ("InvalidInput", 400),
            Self::ValidationError(_) => ("ValidationError", 400),
            Self::PackedPolicyTooLarge(_) => ("PackedPolicyTooLarge", 400),
            Self::AccessDenied(_) => ("AccessDenied", 403),
            Self::InvalidClientTokenId => ("InvalidClientTokenId", 403),
            Self::ExpiredToken => ("ExpiredToken", 403),
            Self::MissingAuthenticationToken => ("MissingAuthenticationToken", 403),
            Self::Store(_) | Self::Damaged(_) => ("InternalFailure", 500),
        }
    }
}

impl From<policy::Malformed> for Error {
    fn from(malformed: policy::Malformed) -> Self {
        Self::MalformedPolicyDocument(malformed.to_string())
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let (code, status) = error.code();
        match error {
            Error::Store(error) => error.into(),
            Error::Damaged(detail) => Self::internal(detail),
            error => Self::sender(code, error.to_string()).status(status),
        }
    }
}
