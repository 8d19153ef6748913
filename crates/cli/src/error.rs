//! Errors as a person reads them.

use crate::{host::HostError, output};
use std::{fmt, io, path::Path};

/// What failed, and what to do next.
#[derive(Debug)]
pub(crate) struct Error {
    what: String,
    next: Option<String>,
    silent: bool,
}

impl Error {
    /// What failed and where, as one sentence without a full stop.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), next: None, silent: false }
    }

    /// What to do next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// A file or folder that cannot be used.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::new(format!("{}: {error}", path.display()))
    }

    /// Whether there is nobody left to tell.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }

    /// Prints it to standard error.
    pub(crate) fn print(&self) {
        output::note(&format!("{} {}", output::bad("error:"), self.what));
        if let Some(next) = &self.next {
            output::note(&format!("{} {next}", output::good("next:")));
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.next.as_ref().map_or(Ok(()), |next| write!(f, " (next: {next})"))
    }
}

impl From<client::Error> for Error {
    fn from(error: client::Error) -> Self {
        match &error {
            client::Error::Refused { url } => Self::new(format!("Pileus is not running at {url}"))
                .next("start it with `pileus up`"),
            client::Error::Service { request_id: Some(id), status, .. }
                if status.is_server_error() =>
            {
                let next = format!("find request {id} in the output of `pileus up`");
                Self::new(error.to_string()).next(next)
            }
            client::Error::Service { code, .. }
                if ["InvalidClientTokenId", "UnrecognizedClientException"]
                    .contains(&code.as_str()) =>
            {
                Self::new(error.to_string()).next(
                    "the access key is not one of this installation: run `eval \"$(pileus env)\"` \
                     with its data folder",
                )
            }
            _ => Self::new(error.to_string()),
        }
    }
}

impl From<backup::Error> for Error {
    fn from(error: backup::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<HostError> for Error {
    fn from(error: HostError) -> Self {
        let mut what = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            // Some texts hold their cause already.
            let text = error.to_string();
            if !what.contains(&text) {
                what = format!("{what}: {text}");
            }
            cause = error.source();
        }
        Self::new(what)
    }
}

/// A write to standard output that failed: its reader has enough.
impl From<output::Closed> for Error {
    fn from(output::Closed: output::Closed) -> Self {
        Self { silent: true, ..Self::new("standard output is closed") }
    }
}
