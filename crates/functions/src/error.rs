use crate::config;
use service::Fault;
use types::Arn;

/// What functions answer instead of doing it. Codes and statuses are those of the AWS Lambda API
/// reference; texts are those that AWS gave to LocalStack's validated tests
/// (`tests/aws/services/lambda_/test_lambda_api.snapshot.json`), where they have one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No function of that name, or no such version of it.
    #[error("Function not found: {0}")]
    FunctionNotFound(Arn),
    /// Something else is missing.
    #[error("{0}")]
    NotFound(String),
    /// What has no provisioned concurrency.
    #[error("No Provisioned Concurrency Config found for this function")]
    NotProvisioned,
    /// A function of that name exists.
    #[error("Function already exist: {0}")]
    FunctionExists(String),
    /// Something of that name exists, or is being used.
    #[error("{0}")]
    Conflict(String),
    /// A parameter's value is not allowed; the text says why.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// A value out of the range of its member.
    #[error("1 validation error detected: {0}")]
    Validation(String),
    /// The package is no zip, or a damaged one.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    NotAZip,
    /// The package is too large when unpacked.
    #[error("Unzipped size must be smaller than {max} bytes", max = config::UNZIPPED_BYTES)]
    UnzippedTooLarge,
    /// The layers of a function are too large when unpacked.
    #[error("Layers consume more than the available size of {max} bytes", max = config::UNZIPPED_BYTES)]
    LayersTooLarge,
    /// A function's package and its layers are together too large when unpacked: their bytes.
    #[error(
        "Function code combined with layers exceeds the maximum allowed size of {max} bytes. The \
         actual size is {0} bytes.",
        max = config::UNZIPPED_BYTES
    )]
    TogetherTooLarge(u64),
    /// The given revision is not the latest; the name is that of the operation that tells it.
    #[error(
        "The Revision Id provided does not match the latest Revision Id. Call the {0} API to \
         retrieve the latest Revision Id"
    )]
    PreconditionFailed(&'static str),
    /// A package in a bucket that the caller may not read.
    #[error(
        "Your access has been denied by S3, please make sure your request credentials have \
         permission to GetObject for {0}. S3 Error Code: AccessDenied. S3 Error Message: Access \
         Denied"
    )]
    CodeDenied(String),
    /// A package that is too large as it came.
    #[error("Zipped size must be smaller than {max} bytes", max = config::ZIPPED_BYTES)]
    ZippedTooLarge,
    /// A body that is too large.
    #[error("Request must be smaller than {limit} bytes for the {operation} operation")]
    TooLarge {
        /// The most that is allowed, in bytes.
        limit: usize,
        /// The operation's name.
        operation: &'static str,
    },
    /// A payload that is larger than an event may be, with its size in bytes.
    #[error("{0} byte payload is too large for the Event invocation type (limit {max} bytes)",
        max = config::EVENT_PAYLOAD_BYTES)]
    EventTooLarge(usize),
    /// A payload that is not JSON.
    #[error("{0}")]
    InvalidRequestContent(String),
    /// A policy that has become too long.
    #[error("The final policy size ({0}) is bigger than the limit ({max}).", max = config::POLICY_BYTES)]
    PolicyLengthExceeded(usize),
    /// No room for one more invocation.
    #[error("Rate Exceeded.")]
    TooManyRequests(&'static str),
    /// The function runs in a loop of its own.
    #[error(
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web \
         Services resources and stopped your function's invocation."
    )]
    Recursive,
    /// The runtime is unknown or not installed.
    #[error("{0}")]
    InvalidRuntime(String),
    /// The role cannot be assumed any more.
    #[error("The role defined for the function cannot be assumed by Lambda.")]
    RoleNotAssumable,
    /// The platform cannot run functions; the text says what it lacks.
    #[error("{0}")]
    Service(String),
    /// What Pileus does not do.
    #[error("Pileus does not support {0}.")]
    Unsupported(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

impl Error {
    /// The official name of the error's shape, and the status.
    #[must_use]
    pub fn code(&self) -> (&'static str, u16) {
        match self {
            Self::FunctionNotFound(_) | Self::NotFound(_) => ("ResourceNotFoundException", 404),
            Self::NotProvisioned => ("ProvisionedConcurrencyConfigNotFoundException", 404),
            Self::FunctionExists(_) | Self::Conflict(_) => ("ResourceConflictException", 409),
            Self::InvalidParameterValue(_)
            | Self::NotAZip
            | Self::UnzippedTooLarge
            | Self::LayersTooLarge
            | Self::TogetherTooLarge(_) => ("InvalidParameterValueException", 400),
            Self::Validation(_) => ("ValidationException", 400),
            Self::PreconditionFailed(_) => ("PreconditionFailedException", 412),
            Self::ZippedTooLarge | Self::EventTooLarge(_) => {
                ("RequestEntityTooLargeException", 413)
            }
            Self::TooLarge { .. } => ("RequestTooLargeException", 413),
            Self::InvalidRequestContent(_) => ("InvalidRequestContentException", 400),
            Self::PolicyLengthExceeded(_) => ("PolicyLengthExceededException", 400),
            Self::TooManyRequests(_) => ("TooManyRequestsException", 429),
            Self::Recursive => ("RecursiveInvocationException", 400),
            Self::InvalidRuntime(_) => ("InvalidRuntimeException", 502),
            Self::RoleNotAssumable | Self::CodeDenied(_) => ("AccessDeniedException", 403),
            Self::Service(_) | Self::Store(_) => ("ServiceException", 500),
            Self::Unsupported(_) => ("UnsupportedOperation", 400),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let (code, status) = error.code();
        match error {
            Error::Store(error) => error.into(),
            Error::TooManyRequests(reason) => {
                Self::sender(code, error.to_string()).status(status).member("Reason", reason)
            }
            error => Self::sender(code, error.to_string()).status(status),
        }
    }
}
