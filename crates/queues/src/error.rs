use crate::config;
use service::{Constraint, Fault, Violation};

/// What queues answer instead of doing it. Codes and statuses follow the Amazon SQS API reference,
/// texts what the service gave to LocalStack's validated tests
/// (`tests/aws/services/sqs/test_sqs.snapshot.json`), where they have one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No queue of that name, or a URL of another account.
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    /// A queue of that name with other attributes.
    #[error("A queue already exists with the same name and a different value for attribute {0}")]
    QueueNameExists(&'static str),
    /// A name that queues cannot have, or only FIFO queues.
    #[error("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")]
    InvalidQueueName,
    /// A name that FIFO queues cannot have.
    #[error(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or \
         underscores, must end with .fifo suffix and be 1 to 80 in length"
    )]
    InvalidFifoQueueName,
    /// A parameter of the other type of queue.
    #[error(
        "Value {value} for parameter {parameter} is invalid. Reason: The request include parameter \
         that is not valid for this queue type"
    )]
    OtherQueueType {
        /// Which.
        parameter: &'static str,
        /// What it was.
        value: String,
    },
    /// The message of the handle is visible again in its FIFO queue.
    #[error(
        "Value {0} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    )]
    HandleExpired(String),
    /// A message to a FIFO queue that nobody can tell from its duplicates.
    #[error(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
         provided explicitly"
    )]
    NoDeduplicationId,
    /// An attribute that queues do not have.
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    /// An attribute that only FIFO queues have.
    #[error("You can specify the {0} only when FifoQueue is set to true.")]
    FifoOnly(String),
    /// An attribute's value is out of range.
    #[error("Invalid value for the parameter {0}.")]
    InvalidAttributeValue(String),
    /// A parameter's value is not allowed; the text says why.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// A required parameter is absent.
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(String),
    /// The receipt handle is none of this queue's.
    #[error("The input receipt handle is invalid.")]
    ReceiptHandleIsInvalid,
    /// The message of the handle is deleted, or was received again.
    #[error(
        "Value {0} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is \
         not available for visibility timeout change."
    )]
    MessageGone(String),
    /// The message is visible again.
    #[error("Value {0} for parameter ReceiptHandle is invalid. Reason: Message is not in flight.")]
    MessageNotInflight(String),
    /// The message has more bytes than the queue takes.
    #[error("One or more parameters are invalid. Reason: Message must be shorter than {0} bytes.")]
    MessageTooLong(u32),
    /// The queue's URL has no account and name.
    #[error("The address {0} is not valid for this endpoint.")]
    InvalidAddress(String),
    /// A message with characters that XML does not allow.
    #[error(
        "Invalid binary character was found in the message body, the set of allowed characters is \
         #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
    )]
    InvalidMessageContents,
    /// A batch of nothing.
    #[error("There should be at least one {0} in the request.")]
    EmptyBatchRequest(&'static str),
    /// A batch of too many entries.
    #[error("Maximum number of entries per request are {max}. You have sent {0}.", max = config::BATCH_ENTRIES)]
    TooManyEntriesInBatchRequest(usize),
    /// Two entries with one id.
    #[error("Id {0} repeated.")]
    BatchEntryIdsNotDistinct(String),
    /// An entry's id with other characters than letters, digits, hyphens and underscores.
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It \
         can be at most 80 letters long."
    )]
    InvalidBatchEntryId,
    /// The messages of a batch are too large together.
    #[error(
        "Batch requests cannot be longer than {max} bytes. You have sent {0} bytes.",
        max = config::MESSAGE_BYTES
    )]
    BatchRequestTooLong(u64),
    /// A purge too soon after another.
    #[error("Only one PurgeQueue operation on {0} is allowed every 60 seconds.")]
    PurgeQueueInProgress(String),
    /// Too much of something.
    #[error("{0}")]
    OverLimit(String),
    /// As many messages are in flight as may be. The text is what SQS answered in 2014
    /// (Cbsoftware/pressureNET-server, issue 74).
    #[error(
        "Too many messages have been received without being deleted. Please delete your received \
         messages or let them timeout before receiving more."
    )]
    TooManyInFlight,
    /// What Pileus does not do.
    #[error("Pileus does not support {0}.")]
    UnsupportedOperation(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

impl Error {
    /// The official name of the error's shape.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::QueueDoesNotExist => "QueueDoesNotExist",
            Self::QueueNameExists(_) => "QueueNameExists",
            Self::InvalidAttributeName(_) | Self::FifoOnly(_) => "InvalidAttributeName",
            Self::InvalidAttributeValue(_) => "InvalidAttributeValue",
            Self::InvalidParameterValue(_)
            | Self::InvalidQueueName
            | Self::InvalidFifoQueueName
            | Self::OtherQueueType { .. }
            | Self::HandleExpired(_)
            | Self::NoDeduplicationId
            | Self::MessageGone(_)
            | Self::MessageTooLong(_) => "InvalidParameterValue",
            Self::InvalidAddress(_) => "InvalidAddress",
            Self::MissingParameter(_) => "MissingParameter",
            Self::ReceiptHandleIsInvalid => "ReceiptHandleIsInvalid",
            Self::MessageNotInflight(_) => "MessageNotInflight",
            Self::InvalidMessageContents => "InvalidMessageContents",
            Self::EmptyBatchRequest(_) => "EmptyBatchRequest",
            Self::TooManyEntriesInBatchRequest(_) => "TooManyEntriesInBatchRequest",
            Self::BatchEntryIdsNotDistinct(_) => "BatchEntryIdsNotDistinct",
            Self::InvalidBatchEntryId => "InvalidBatchEntryId",
            Self::BatchRequestTooLong(_) => "BatchRequestTooLong",
            Self::PurgeQueueInProgress(_) => "PurgeQueueInProgress",
            Self::OverLimit(_) | Self::TooManyInFlight => "OverLimit",
            Self::UnsupportedOperation(_) => "UnsupportedOperation",
            Self::Store(_) => "InternalError",
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::PurgeQueueInProgress(_) | Error::OverLimit(_) | Error::TooManyInFlight => 403,
            _ => 400,
        };
        match error {
            Error::Store(error) => error.into(),
            error => Self::sender(error.code(), error.to_string()).status(status),
        }
    }
}

/// How SQS tells the first constraint that an input breaks.
pub(crate) fn from_violations(violations: &[Violation]) -> Fault {
    let Some(first) = violations.first() else { return Fault::internal("no violation") };
    match (&first.constraint, &first.value) {
        (Constraint::Required, _) => Error::MissingParameter(first.member.clone()).into(),
        (Constraint::Enum(_), Some(value)) => Error::InvalidAttributeName(value.clone()).into(),
        _ => Error::InvalidParameterValue(first.text()).into(),
    }
}
