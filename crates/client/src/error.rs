use http::StatusCode;
use std::{error::Error as StdError, io::ErrorKind};

/// Why a call has no successful reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The endpoint cannot be used.
    #[error("{0:?} is not an endpoint: it must be a URL such as http://127.0.0.1:4566")]
    Endpoint(String),
    /// The request cannot be written or signed.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// Nothing listens there.
    #[error("nothing listens at {url}")]
    Refused {
        /// Where.
        url: String,
    },
    /// The connection failed before the reply was complete: whether the request had its effect is
    /// not known.
    #[error("the connection to {url} failed: {reason}")]
    Connection {
        /// To where.
        url: String,
        /// How.
        reason: String,
    },
    /// The service answered with an error.
    #[error("{message} ({code}, status {})", status.as_u16())]
    Service {
        /// The status of the reply.
        status: StatusCode,
        /// The official code, such as `ResourceNotFoundException`.
        code: String,
        /// The official message.
        message: String,
        /// The request's id, for the server's log.
        request_id: Option<String>,
    },
    /// The reply is not what the protocol says.
    #[error("the reply cannot be read: {0}")]
    Reply(String),
}

impl Error {
    /// The service's code, if the service answered.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        if let Self::Service { code, .. } = self { Some(code) } else { None }
    }

    /// The service's message, if the service answered.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        if let Self::Service { message, .. } = self { Some(message) } else { None }
    }

    /// The failure of a transport.
    pub(crate) fn of(error: &(dyn StdError + 'static), url: &str) -> Self {
        let mut reasons = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            let io = error.downcast_ref::<std::io::Error>();
            if io.is_some_and(|io| io.kind() == ErrorKind::ConnectionRefused) {
                return Self::Refused { url: url.to_owned() };
            }
            reasons.push(error.to_string());
            next = error.source();
        }
        Self::Connection { url: url.to_owned(), reason: reasons.join(": ") }
    }
}
