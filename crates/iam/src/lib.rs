//! Identities: AWS IAM and AWS STS.
//!
//! What it does: the root user's key, users with access keys, roles with trust policies, inline and
//! managed policies with versions, permissions boundaries, tags, and temporary credentials. It is
//! the port [`Identities`](service::Identities), by which dispatch knows who signed a request, and
//! functions and router act as a role.
//!
//! What it does not: groups, MFA devices, federation, instance profiles and service-linked roles;
//! their operations and parameters are refused by name.
//!
//! Invariants:
//! * Secrets are in the store only under the master key, which is not in the store.
//! * Who signed is decided in the transaction of the request: three keys are read, and a policy
//!   that changed counts for the next request, with sessions that exist too.
//! * Sessions are nowhere in the store. Their token is sealed under the master key and names the
//!   role's id, so that a session ends with its role.

pub mod config;
mod error;
mod identities;
mod keys;
mod managed;
mod model;
mod ops;
mod records;
mod resources;
mod root;
mod seal;
mod shapes;

pub use error::Error;
pub use ops::{operations, sts_operations};
pub use records::records;
pub use root::RootKey;
pub use seal::MasterKey;

use clock::{Ids, SharedClock};
use identities::Caches;
use service::{Definition, Platform, Violation};
use std::sync::Arc;
use types::{AccountId, Region};

/// IAM and STS of one node. All state is in the store; what is here are caches of it.
pub struct Iam {
    master: MasterKey,
    clock: SharedClock,
    ids: Ids,
    account: AccountId,
    region: Region,
    caches: Caches,
}

impl Iam {
    /// The identities of a platform, whose secrets are under `master`. `ids` makes the secrets of
    /// temporary credentials: use [`Ids::from_entropy`].
    #[must_use]
    pub fn new(platform: &Platform, master: MasterKey, ids: Ids) -> Arc<Self> {
        Arc::new(Self {
            master,
            clock: platform.clock.clone(),
            ids,
            account: platform.account.clone(),
            region: platform.region.clone(),
            caches: Caches::default(),
        })
    }
}

/// The services `iam` and `sts`, as the composition root registers them.
#[must_use]
pub fn definitions(iam: &Arc<Iam>) -> Vec<Definition> {
    let of = |name, model, operations| {
        let mut definition = Definition::new(name, model, operations);
        definition.violations = Violation::error;
        definition.global = true;
        definition
    };
    let mut identities = of("iam", include_str!("../model.json"), operations(iam));
    identities.resources = resources::providers();
    vec![identities, of("sts", include_str!("../model-sts.json"), sts_operations(iam))]
}
