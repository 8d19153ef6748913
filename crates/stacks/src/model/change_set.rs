use super::{Actor, OnFailure, Settings};
use crate::{diff::ResourceChange, keys::Place};
use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// Whether a change set can be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Execution {
    Unavailable,
    Available,
    InProgress,
    Complete,
    Failed,
}

impl Execution {
    /// The official name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::Available => "AVAILABLE",
            Self::InProgress => "EXECUTE_IN_PROGRESS",
            Self::Complete => "EXECUTE_COMPLETE",
            Self::Failed => "EXECUTE_FAILED",
        }
    }
}

/// A change that was looked at before it is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChangeSet {
    pub(crate) name: String,
    /// The UUID at the end of its ARN.
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) execution: Execution,
    /// Why it failed, if it did.
    pub(crate) reason: Option<String>,
    /// True if the stack is created by it.
    pub(crate) creates: bool,
    pub(crate) settings: Settings,
    pub(crate) changes: Vec<ResourceChange>,
    pub(crate) actor: Actor,
    pub(crate) on_failure: OnFailure,
    pub(crate) token: Option<String>,
}

impl Record for ChangeSet {
    const VERSION: u8 = 1;
}

impl ChangeSet {
    /// Its id as the API shows it.
    pub(crate) fn arn(&self, place: &Place) -> String {
        let resource = format!("changeSet/{}/{}", self.name, self.id);
        types::Arn::new("cloudformation", &place.region, &place.account, &resource).to_string()
    }
}

/// Where a change set is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChangeSetPlace {
    pub(crate) stack: Place,
    pub(crate) name: String,
}

impl Record for ChangeSetPlace {
    const VERSION: u8 = 1;
}
