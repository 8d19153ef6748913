//! What happened to a stack and its resources, newest last.

use super::{Deployment, ResourceRecord, ResourceStatus, Stack};
use crate::keys::Place;
use crate::sealed::Sealed;
use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// One change of a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    pub(crate) kind: String,
    pub(crate) time: Timestamp,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) token: Option<String>,
}

impl Record for Event {
    const VERSION: u8 = 1;
}

impl Event {
    /// The stack's own state.
    pub(crate) fn of_stack(stack: &Stack, token: Option<&String>, now: Timestamp) -> Self {
        Self {
            logical_id: stack.place.name.clone(),
            physical_id: stack.place.arn().to_string(),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            time: now,
            status: stack.status.name().to_owned(),
            reason: stack.status_reason.clone(),
            token: token.cloned(),
        }
    }

    /// A resource's state, as its record has it.
    pub(crate) fn of_resource(record: &ResourceRecord, deployment: &Deployment) -> Self {
        Self {
            logical_id: record.logical_id.clone(),
            physical_id: record.physical_id().to_owned(),
            kind: record.kind.clone(),
            time: record.updated,
            status: record.status.name().to_owned(),
            reason: record.reason.clone(),
            token: deployment.token.clone(),
        }
    }

    /// The state of something that the record does not show: an old or a new incarnation.
    pub(crate) fn with(mut self, status: ResourceStatus, physical_id: &str) -> Self {
        self.status = status.name().to_owned();
        self.physical_id = physical_id.to_owned();
        self
    }

    /// Appends it.
    pub(crate) fn write(&self, tx: &mut Sealed<'_>, place: &Place) -> Result<(), kv::Error> {
        tx.append_record(place.events(), self)
    }
}
