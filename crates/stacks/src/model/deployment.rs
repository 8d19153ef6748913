//! A deployment: one creation, update or deletion of a stack, while it is under way.

use super::{Settings, StackOutput};
use kv::{Record, Transaction};
use policy::Principal;
use serde::{Deserialize, Serialize};
use service::{Caller, Fault, Identities};
use std::collections::BTreeSet;
use types::{AccountId, Arn, Timestamp};

/// What it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Create,
    Update,
    Delete,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Resources are created, updated and replaced.
    Forward,
    /// What was done is taken back.
    Undo,
    /// What nothing refers to any more is deleted.
    Cleanup,
}

/// What happens when a creation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OnFailure {
    DoNothing,
    #[default]
    Rollback,
    Delete,
}

/// As whom resources are touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Actor {
    Root {
        account: AccountId,
    },
    User {
        arn: Arn,
        id: String,
    },
    Session {
        arn: Arn,
        role: Arn,
        id: String,
    },
    /// A role that the service itself assumes.
    Role(Arn),
}

/// The service principal that assumes the roles of stacks.
const SERVICE: &str = "cloudformation.amazonaws.com";
/// The name of its sessions.
const SESSION: &str = "AWSCloudFormation";

impl Actor {
    /// Who asked, or the role that they passed.
    ///
    /// # Errors
    /// Who cannot be found again after the request: a service, or a session with policies of its
    /// own, which end with the request.
    pub(crate) fn of(caller: &Caller, role: Option<&Arn>) -> Result<Self, Fault> {
        if let Some(role) = role {
            return Ok(Self::Role(role.clone()));
        }
        if caller.policies.session.is_some() {
            return Err(Fault::unsupported(
                "stacks for a session with session policies; pass a RoleARN",
            ));
        }
        match &caller.principal {
            Principal::Root { account } => Ok(Self::Root { account: account.clone() }),
            Principal::User { arn, id } => Ok(Self::User { arn: arn.clone(), id: id.clone() }),
            Principal::Session { arn, role, id } => {
                Ok(Self::Session { arn: arn.clone(), role: role.clone(), id: id.clone() })
            }
            Principal::Service { .. } | Principal::Anonymous => {
                Err(Fault::unsupported("stacks for a caller without an identity; pass a RoleARN"))
            }
        }
    }

    /// The caller as it is now.
    pub(crate) async fn caller(
        &self,
        identities: &dyn Identities,
        tx: &mut Transaction,
    ) -> Result<Caller, Fault> {
        let principal = match self {
            Self::Role(role) => return identities.assume(tx, role, SESSION, SERVICE).await,
            Self::Root { account } => Principal::Root { account: account.clone() },
            Self::User { arn, id } => Principal::User { arn: arn.clone(), id: id.clone() },
            Self::Session { arn, role, id } => {
                Principal::Session { arn: arn.clone(), role: role.clone(), id: id.clone() }
            }
        };
        identities.reload(tx, &principal).await
    }
}

/// A deployment that is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// Unique; resources note under it how far it is with them.
    pub(crate) id: String,
    pub(crate) purpose: Purpose,
    pub(crate) phase: Phase,
    pub(crate) actor: Actor,
    /// Rises with every step of the job, so that a worker that was overtaken writes nothing more.
    pub(crate) epoch: u64,
    /// What the stack goes back to when an update fails.
    pub(crate) before: Option<Settings>,
    /// Why it is taken back.
    pub(crate) failure: Option<String>,
    /// True if a rollback has been asked for.
    pub(crate) cancelled: bool,
    /// True if the stack is to be deleted as soon as nothing is in the air.
    pub(crate) then_delete: bool,
    pub(crate) on_failure: OnFailure,
    /// Whether resources that it created are deleted by a rollback although they are retained.
    pub(crate) retain_except_on_create: bool,
    /// Logical ids that a deletion leaves alone.
    pub(crate) retain: BTreeSet<String>,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) token: Option<String>,
    /// The name of the change set that it executes.
    pub(crate) change_set: Option<String>,
    /// How often a rollback that failed was asked to go on.
    #[serde(default)]
    pub(crate) continued: u32,
    /// The stack policy that it has to keep.
    #[serde(default)]
    pub(crate) policy: Option<String>,
    /// True for an update of a nested stack which the stack above may still take back: what it does
    /// not need any more stays until that is over.
    #[serde(default)]
    pub(crate) held: bool,
    /// The outputs that the stack goes back to if a held update is taken back.
    #[serde(default)]
    pub(crate) outputs_before: Option<Vec<StackOutput>>,
}

impl Record for Deployment {
    const VERSION: u8 = 1;
}

impl Deployment {
    /// A deployment at its beginning.
    pub(crate) fn new(id: String, purpose: Purpose, actor: Actor) -> Self {
        let phase = if purpose == Purpose::Delete { Phase::Cleanup } else { Phase::Forward };
        Self {
            id,
            purpose,
            phase,
            actor,
            epoch: 0,
            before: None,
            failure: None,
            cancelled: false,
            then_delete: false,
            on_failure: OnFailure::default(),
            retain_except_on_create: false,
            retain: BTreeSet::new(),
            deadline: None,
            token: None,
            change_set: None,
            continued: 0,
            policy: None,
            held: false,
            outputs_before: None,
        }
    }

    /// Whether it has nothing to do until the stack above says how it ends.
    pub(crate) fn is_waiting(&self) -> bool {
        self.held && self.phase == Phase::Cleanup && self.failure.is_none()
    }
}
