//! Stacks: AWS CloudFormation.
//!
//! A request makes a *deployment*, a durable record beside the stack's. The job `stacks.deploy`
//! advances it: it reads the template again, finds in the resources' records how far the work is,
//! and works on all resources whose needs are met, some at a time (`engine`). Every touch of a
//! resource is recorded before (what is intended, with the chosen name) and after (what came of
//! it), so that whoever comes after a crash goes on where it ended.
//!
//! A resource can be a stack of its own (`resources/nested`), or one that a function provides
//! (`resources/custom`), or wait for signals (`resources/wait`). Templates, and what they include, can
//! lie in buckets; they are read as the caller, and so are the parameters of Parameter Store that
//! dynamic references (`{{resolve:ssm:name}}`) name.
//!
//! What it does not: macros, dynamic references to secrets, creation policies, drift, stack sets and imports of resources, which are refused by name. A
//! change set may ask to import what exists; where that would mean something, the creation of the
//! resource whose name is taken is refused.
//!
//! Invariants:
//! * What a template asks for and cannot be had is refused before anything is created. (That of a
//!   nested stack is read when its turn comes.)
//! * A deployment that fails leaves what was there before, and nothing else.
//! * One deployment of a stack is under way at a time; a worker that was overtaken writes nothing.
//! * Records and templates, which hold parameters and properties, are sealed in the store.
//! * An export that another stack imports neither changes nor goes.

mod blueprint;
mod check;
pub mod config;
mod diff;
mod engine;
mod error;
mod jobs;
mod keys;
mod model;
mod ops;
mod page;
mod policy;
mod providers;
mod records;
mod requests;
mod resources;
mod responses;
mod scope;
mod sealed;
mod shapes;
pub mod substitutions;

pub use error::Error;
pub use ops::operations;
pub use records::records;
pub use responses::{RESPONSES_HOST, RESPONSES_PATH};
pub use substitutions::{StandIns, Substitution, substitutions};

use providers::Providers;
use resources::{CdkMetadata, CustomResource, NestedStack, Owner, WaitCondition, WaitHandle};
use responses::Responses;
use sealed::Vault;
use service::{Definition, Platform, ResourceProvider, Violation};
use std::sync::{Arc, Weak};

/// The official service model, pruned to the operations of this crate by `cargo xtask models`.
pub const MODEL: &str = include_str!("../model.json");

/// The stack service.
pub struct Stacks {
    pub(crate) platform: Arc<Platform>,
    pub(crate) providers: Providers,
    pub(crate) stand_ins: Arc<StandIns>,
    pub(crate) vault: Vault,
}

impl Stacks {
    /// Stacks of the resources that `providers` provide: the `resources` of all other services.
    /// `master_key` is kept outside of the store; what stacks store is sealed under it. `stand_ins`
    /// knows which runtimes run on other versions here.
    #[must_use]
    pub fn new(
        platform: Arc<Platform>,
        master_key: &[u8; 32],
        mut providers: Vec<Arc<dyn ResourceProvider>>,
        stand_ins: Arc<StandIns>,
    ) -> Arc<Self> {
        let vault = Vault::new(master_key);
        Arc::new_cyclic(|stacks| {
            providers.extend(own_providers(stacks));
            Self { platform, providers: Providers::new(providers), stand_ins, vault }
        })
    }
}

/// The resource types that stacks provide themselves.
fn own_providers(stacks: &Weak<Stacks>) -> [Arc<dyn ResourceProvider>; 5] {
    let owner = || Owner::new(stacks);
    [
        Arc::new(CdkMetadata),
        Arc::new(CustomResource(owner())),
        Arc::new(NestedStack(owner())),
        Arc::new(WaitCondition(owner())),
        Arc::new(WaitHandle(owner())),
    ]
}

/// The service as the composition root registers it, its jobs included.
#[must_use]
pub fn definition(
    platform: &Arc<Platform>,
    master_key: &[u8; 32],
    providers: Vec<Arc<dyn ResourceProvider>>,
    stand_ins: Arc<StandIns>,
) -> Definition {
    let stacks = Stacks::new(platform.clone(), master_key, providers, stand_ins);
    let mut definition = Definition::new("cloudformation", MODEL, operations(&stacks));
    definition.violations = Violation::error;
    definition.jobs = jobs::jobs(&stacks);
    definition.resources = own_providers(&Arc::downgrade(&stacks)).into();
    definition.fronts = vec![Arc::new(Responses(stacks))];
    definition
}
