//! A request to a custom resource, from when it is made until its deployment ends.

use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// What was asked, and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CustomRequest {
    /// When it was made.
    pub(crate) created: Timestamp,
    /// Until when an answer counts.
    pub(crate) deadline: Timestamp,
    /// True if the function has it for certain.
    pub(crate) sent: bool,
    /// The first answer, as it came.
    pub(crate) response: Option<String>,
}

impl Record for CustomRequest {
    const VERSION: u8 = 1;
}
