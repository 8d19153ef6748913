//! A resource of a stack: what exists of it, and how far the deployment is with it.

use super::ResourceStatus;
use kv::Record;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use template::DeletionPolicy;
use types::{Tags, Timestamp};

/// What happens to a resource that leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Keep {
    Delete,
    Retain,
    RetainExceptOnCreate,
}

impl From<DeletionPolicy> for Keep {
    fn from(policy: DeletionPolicy) -> Self {
        match policy {
            // A policy of snapshots is refused before anything is created.
            DeletionPolicy::Delete | DeletionPolicy::Snapshot => Self::Delete,
            DeletionPolicy::Retain => Self::Retain,
            DeletionPolicy::RetainExceptOnCreate => Self::RetainExceptOnCreate,
        }
    }
}

/// One thing that exists, or is about to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Incarnation {
    /// What `Ref` gives; empty until it exists.
    pub(crate) physical_id: String,
    /// The name that was generated for it.
    pub(crate) name: String,
    /// The resource type.
    pub(crate) kind: String,
    /// The properties, evaluated.
    pub(crate) properties: Map<String, Value>,
    /// What `Fn::GetAtt` gives.
    pub(crate) attributes: Map<String, Value>,
    /// The logical ids that it needs.
    pub(crate) needs: BTreeSet<String>,
    /// What happens when it leaves the stack.
    pub(crate) deletion: Keep,
    /// What happens when another takes its place.
    pub(crate) replacement: Keep,
    /// The stack's tags that it was given.
    pub(crate) tags: Tags,
}

/// What a deployment does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Act {
    Keep,
    Create,
    Update,
    Replace,
}

/// What was intended when the work on a resource began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) act: Act,
    pub(crate) target: Incarnation,
}

/// How far a deployment is with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Progress {
    /// Intended; whether it happened is not known.
    Started,
    /// It happened.
    Done,
    /// It happened and will not be taken back.
    Settled,
    /// It did not happen.
    Failed,
    /// It is taken back.
    Undone,
    /// It cannot be taken back.
    UndoFailed,
}

/// The record of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResourceRecord {
    pub(crate) logical_id: String,
    pub(crate) kind: String,
    pub(crate) status: ResourceStatus,
    pub(crate) reason: Option<String>,
    pub(crate) updated: Timestamp,
    /// The physical id to show when nothing is live any more.
    pub(crate) last_physical_id: String,
    /// What the stack refers to now.
    pub(crate) live: Option<Incarnation>,
    /// What the stack does not refer to any more and is still to be deleted.
    pub(crate) leaving: Option<Incarnation>,
    /// More of that, to be deleted afterwards.
    #[serde(default)]
    pub(crate) leaving_too: Vec<Incarnation>,
    /// The deployment to which the rest belongs.
    pub(crate) deployment: String,
    pub(crate) progress: Option<Progress>,
    pub(crate) attempt: Option<Attempt>,
    /// What was live before this deployment changed it.
    pub(crate) before: Option<Incarnation>,
    /// Failures of the platform in a row.
    pub(crate) tries: u32,
    /// True if the present deployment could not delete it.
    pub(crate) stuck: bool,
    /// The physical id whose deletion people have been told of.
    #[serde(default)]
    pub(crate) announced: Option<String>,
}

impl Record for ResourceRecord {
    const VERSION: u8 = 1;
}

impl ResourceRecord {
    /// A resource of which nothing exists yet.
    pub(crate) fn new(logical_id: &str, kind: &str, deployment: &str, now: Timestamp) -> Self {
        Self {
            logical_id: logical_id.to_owned(),
            kind: kind.to_owned(),
            status: ResourceStatus::CreateInProgress,
            reason: None,
            updated: now,
            last_physical_id: String::new(),
            live: None,
            leaving: None,
            leaving_too: Vec::new(),
            deployment: deployment.to_owned(),
            progress: None,
            attempt: None,
            before: None,
            tries: 0,
            stuck: false,
            announced: None,
        }
    }

    /// The record as the deployment `id` finds it: what an earlier one noted counts no more.
    pub(crate) fn for_deployment(mut self, id: &str) -> Self {
        if self.deployment != id {
            self.deployment = id.to_owned();
            self.progress = None;
            self.attempt = None;
            self.before = None;
            self.tries = 0;
            self.stuck = false;
            self.announced = None;
        }
        self
    }

    /// The physical id to show.
    pub(crate) fn physical_id(&self) -> &str {
        self.live.as_ref().map_or(self.last_physical_id.as_str(), |live| live.physical_id.as_str())
    }
}
