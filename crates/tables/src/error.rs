use expression::Item;
use service::Fault;

/// What tables answer instead of doing it. Codes, statuses and texts follow the Amazon DynamoDB API
/// reference and the replies that the service is known to give.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A request that is wrong in itself; the text says how.
    #[error("{0}")]
    Validation(String),
    /// An expression or an attribute value that is wrong.
    #[error(transparent)]
    Expression(#[from] expression::Error),
    /// No such table, for operations on items.
    #[error("Requested resource not found")]
    NotFound,
    /// No such table, for operations on tables.
    #[error("Requested resource not found: Table: {0} not found")]
    TableNotFound(String),
    /// No such table, for operations on tags.
    #[error("Requested resource not found: ResourcArn: {0} not found")]
    ArnNotFound(String),
    /// No such table, for operations on backups, which have a code of their own for it.
    #[error("Table not found: {0}")]
    BackupTableNotFound(String),
    /// The name is taken.
    #[error("Table already exists: {0}")]
    TableExists(String),
    /// A write's condition does not hold. Carries the item, where the request asks for it.
    #[error("The conditional request failed")]
    ConditionFailed(Option<Box<Item>>),
    /// Too many tables or too much capacity.
    #[error("{0}")]
    LimitExceeded(String),
    /// What Pileus does not do.
    #[error("Pileus does not support {0}.")]
    Unsupported(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

impl Error {
    /// A request that is wrong in itself.
    pub(crate) fn validation(text: impl Into<String>) -> Self {
        Self::Validation(text.into())
    }

    /// As [`Error::validation`], with the words that most texts begin with.
    pub(crate) fn invalid(text: impl std::fmt::Display) -> Self {
        Self::Validation(format!("One or more parameter values were invalid: {text}"))
    }

    /// The official name of the error's shape.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Validation(_) | Self::Expression(_) => "ValidationException",
            Self::NotFound | Self::TableNotFound(_) | Self::ArnNotFound(_) => {
                "ResourceNotFoundException"
            }
            Self::BackupTableNotFound(_) => "TableNotFoundException",
            Self::TableExists(_) => "ResourceInUseException",
            Self::ConditionFailed(_) => "ConditionalCheckFailedException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::Unsupported(_) => "UnsupportedOperation",
            Self::Store(_) => "InternalServerError",
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let fault = Self::sender(error.code(), error.to_string());
        match error {
            Error::Store(error) => error.into(),
            Error::ConditionFailed(Some(item)) => match serde_json::to_value(&*item) {
                Ok(item) => fault.member("Item", item),
                Err(error) => Self::internal(error.to_string()),
            },
            _ => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_inside_of_an_operation_is_run_again() {
        assert!(Fault::from(Error::from(kv::Error::Conflict)).is_retryable());
        assert!(!Fault::from(Error::NotFound).is_retryable());
    }
}
