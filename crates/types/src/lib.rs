//! The vocabulary that every layer shares: accounts, regions, ARNs, ids, timestamps, tags.
//!
//! Nothing here does I/O and nothing here belongs to one service. Values are parsed once, at the
//! edge, and carried as their own type from then on.

mod account;
mod arn;
mod request_id;
mod secret;
mod tags;
mod timestamp;

pub use account::{AccountId, Region};
pub use arn::Arn;
pub use request_id::RequestId;
pub use secret::Secret;
pub use tags::Tags;
pub use timestamp::Timestamp;

/// A text that is not a value of the type it was parsed as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct ParseError {
    /// What was given.
    pub text: String,
    /// What would have been accepted, with its article: `an account id of 12 digits`.
    pub expected: &'static str,
}

impl ParseError {
    fn new(text: impl Into<String>, expected: &'static str) -> Self {
        Self { text: text.into(), expected }
    }
}
