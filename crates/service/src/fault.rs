use std::{borrow::Cow, fmt, time::Duration};

/// Whose mistake a fault is; it decides the default status and the `Type` in XML errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The caller can mend the request.
    Sender,
    /// Pileus failed.
    Receiver,
}

/// The error that a caller sees, and the detail that only the log does.
///
/// `code` is the name of the official error shape (`QueueDoesNotExist`, `ValidationException`);
/// the protocol decides how it is written.
#[derive(Debug, Clone)]
pub struct Fault {
    code: Cow<'static, str>,
    status: u16,
    side: Side,
    message: String,
    detail: Option<String>,
    more: Option<Box<More>>,
    retry: bool,
    leaves: Option<String>,
}

/// What few faults have.
#[derive(Debug, Clone, Default)]
struct More {
    unfinished: Option<Duration>,
    members: serde_json::Map<String, serde_json::Value>,
    headers: Vec<(&'static str, String)>,
}

impl Fault {
    /// A fault of the caller, with status 400.
    #[must_use]
    pub fn sender(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            status: 400,
            side: Side::Sender,
            message: message.into(),
            detail: None,
            more: None,
            retry: false,
            leaves: None,
        }
    }

    /// A fault of Pileus, with status 500. `detail` goes to the log and never to the caller.
    #[must_use]
    pub fn internal(detail: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed("InternalFailure"),
            status: 500,
            side: Side::Receiver,
            message: "An internal error occurred. The log has the details under this request id."
                .to_owned(),
            detail: Some(detail.into()),
            more: None,
            retry: false,
            leaves: None,
        }
    }

    /// What Pileus does not implement is refused by name; `what` names it with its kind:
    /// `operation CreatePlatformEndpoint`, `parameter KmsMasterKeyId`.
    #[must_use]
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Self::sender("UnsupportedOperation", format!("Pileus does not support {what}."))
    }

    /// The step of a [resource](crate::ResourceProvider) is under way and goes on by itself: it is
    /// to be asked for again after this time. With [`Fault::leaving`] it tells the physical id that
    /// a creation has chosen.
    #[must_use]
    pub fn unfinished(after: Duration) -> Self {
        let mut fault = Self::sender("Unfinished", "The work goes on.").status(503);
        fault.more.get_or_insert_default().unfinished = Some(after);
        fault
    }

    /// After which time a step that is under way is to be asked for again.
    #[must_use]
    pub fn asks_again(&self) -> Option<Duration> {
        self.more.as_ref()?.unfinished
    }

    /// Replaces the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds what only the log shows.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a member that the official error shape has beside its message.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.more.get_or_insert_default().members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the reply. REST-XML writes them; the other protocols have none on faults.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.more.get_or_insert_default().headers.push((name, value.into()));
        self
    }

    /// Notes that a [creation](crate::ResourceProvider::create) which failed had made something,
    /// under this physical id.
    #[must_use]
    pub fn leaving(mut self, physical_id: &str) -> Self {
        self.leaves = Some(physical_id.to_owned());
        self
    }

    /// The physical id of what a failed creation had made.
    #[must_use]
    pub fn left(&self) -> Option<&str> {
        self.leaves.as_deref()
    }

    /// The official code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.status
    }

    /// Whose mistake it is.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// The message for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The detail for the log.
    #[must_use]
    pub fn log_detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Further members of the error shape.
    #[must_use]
    pub fn members(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
        self.more.as_ref().map(|more| &more.members).filter(|members| !members.is_empty())
    }

    /// Headers of the reply.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        self.more.as_ref().map_or(&[], |more| &more.headers)
    }

    /// True if the transaction met a conflict and dispatch should run it again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retry
    }
}

impl From<kv::Error> for Fault {
    fn from(error: kv::Error) -> Self {
        let retry = error.retryable();
        let fault = match &error {
            kv::Error::Unavailable(_) => Self {
                code: Cow::Borrowed("ServiceUnavailable"),
                message: "The store cannot be reached; try again.".to_owned(),
                ..Self::internal(error.to_string()).status(503)
            },
            _ => Self::internal(error.to_string()),
        };
        Self { retry, ..fault }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_fault_hides_its_detail_from_the_caller() {
        let fault = Fault::internal("page 7 is damaged");
        assert!(!fault.message().contains("page 7"));
        assert_eq!((fault.http_status(), fault.log_detail()), (500, Some("page 7 is damaged")));
    }

    #[test]
    fn a_conflict_is_run_again_and_damage_is_not() {
        assert!(Fault::from(kv::Error::Conflict).is_retryable());
        assert!(!Fault::from(kv::Error::Corrupt("x".into())).is_retryable());
    }
}
