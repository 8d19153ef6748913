use crate::config;
use service::Fault;

/// What parameters answer instead of doing it. Codes follow the Systems Manager API reference, texts
/// the replies that the service is known to give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value is not allowed; the text says why.
    #[error("{0}")]
    Validation(String),
    /// A name that begins with `/aws/`.
    #[error("No access to reserved parameter name: {0}.")]
    ReservedName(String),
    /// No parameter of that name.
    #[error("Parameter {0} not found.")]
    NotFound(String),
    /// No version of that number or label.
    #[error(
        "Systems Manager could not find version {version} of {name}. Verify the version and try again."
    )]
    VersionNotFound {
        /// The parameter.
        name: String,
        /// The number or the label.
        version: String,
    },
    /// A parameter of that name, and no wish to overwrite it.
    #[error(
        "The parameter already exists. To overwrite this value, set the overwrite option in the \
         request to true."
    )]
    AlreadyExists,
    /// A hierarchy that is too deep.
    #[error("A hierarchy can have a maximum of {} levels.", config::LEVELS)]
    HierarchyLevel,
    /// A pattern that is no regular expression, or none that is understood here.
    #[error("The allowed pattern {0} is not a valid regular expression.")]
    InvalidPattern(String),
    /// A value that the parameter's own pattern does not allow.
    #[error("Parameter value, cannot be validated against allowedPattern: {0}")]
    PatternMismatch(String),
    /// Too many parameters.
    #[error("You have exceeded the number of parameters for this Amazon Web Services account: {0}")]
    TooManyParameters(i64),
    /// The oldest version must go and cannot.
    #[error(
        "You attempted to create a new version of {name} by calling the PutParameter API with the \
         overwrite flag. Version {version}, the oldest version, can't be deleted because it has a \
         label associated with it. Move the label to another version of the parameter, and try \
         again."
    )]
    OldestHasLabel {
        /// The parameter.
        name: String,
        /// The oldest version.
        version: u64,
    },
    /// Too many labels on a version.
    #[error("A parameter version can have maximum {} labels.", config::LABELS)]
    TooManyLabels,
    /// A filter by something that the operation does not filter by.
    #[error("The filter key {0} is not valid for this operation.")]
    FilterKey(String),
    /// A filter with an option that its key does not have.
    #[error("{0}")]
    FilterOption(String),
    /// A filter with a value that its key does not have.
    #[error("{0}")]
    FilterValue(String),
    /// A token that no page gave.
    #[error("The specified token is not valid.")]
    NextToken,
    /// Tags of something that is not there.
    #[error(
        "The resource ID {0} is not valid. Verify that you entered the correct ID and try again."
    )]
    ResourceId(String),
    /// Too many tags.
    #[error("A parameter can have at most {} tags.", config::TAGS)]
    TooManyTags,
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
            Self::Validation(_) => "ValidationException",
            Self::ReservedName(_) => "AccessDeniedException",
            Self::NotFound(_) => "ParameterNotFound",
            Self::VersionNotFound { .. } => "ParameterVersionNotFound",
            Self::AlreadyExists => "ParameterAlreadyExists",
            Self::HierarchyLevel => "HierarchyLevelLimitExceededException",
            Self::InvalidPattern(_) => "InvalidAllowedPatternException",
            Self::PatternMismatch(_) => "ParameterPatternMismatchException",
            Self::TooManyParameters(_) => "ParameterLimitExceeded",
            Self::OldestHasLabel { .. } => "ParameterMaxVersionLimitExceeded",
            Self::TooManyLabels => "ParameterVersionLabelLimitExceeded",
            Self::FilterKey(_) => "InvalidFilterKey",
            Self::FilterOption(_) => "InvalidFilterOption",
            Self::FilterValue(_) => "InvalidFilterValue",
            Self::NextToken => "InvalidNextToken",
            Self::ResourceId(_) => "InvalidResourceId",
            Self::TooManyTags => "TooManyTagsError",
            Self::Unsupported(_) => "UnsupportedOperation",
            Self::Store(_) => "InternalServerError",
        }
    }

    pub(crate) fn validation(text: impl Into<String>) -> Self {
        Self::Validation(text.into())
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error.into(),
            error => Self::sender(error.code(), error.to_string()),
        }
    }
}
