//! Stacks: AWS CloudFormation.
//!
//! A request makes a *deployment*, a durable record beside the stack's. The job `stacks.deploy`
//! advances it: it reads the template again, finds in the resources' records how far the work is,
//! and works on all resources whose needs are met, some at a time (`engine`). Every touch of a
//! resource is recorded before (what is intended, with the chosen name) and after (what came of
//! it), so that whoever comes after a crash goes on where it ended.
//!
//! What it does not: nested stacks, macros, stack policies, drift, stack sets, imports of resources
//! and templates by URL, which are refused by name.
//!
//! Invariants:
//! * What a template asks for and cannot be had is refused before anything is created.
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
mod providers;
mod records;
mod requests;
mod scope;
mod sealed;
mod shapes;
pub mod substitutions;

pub use error::Error;
pub use ops::operations;
pub use records::records;
pub use substitutions::{StandIns, Substitution, substitutions};

use providers::Providers;
use sealed::Vault;
use service::{Definition, Platform, ResourceProvider, Violation};
use std::sync::Arc;

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
    /// Stacks of the resources that `providers` provide: the `resources` of all services.
    /// `master_key` is kept outside of the store; what stacks store is sealed under it. `stand_ins`
    /// knows which runtimes run on other versions here.
    #[must_use]
    pub fn new(
        platform: Arc<Platform>,
        master_key: &[u8; 32],
        providers: Vec<Arc<dyn ResourceProvider>>,
        stand_ins: Arc<StandIns>,
    ) -> Self {
        let vault = Vault::new(master_key);
        Self { platform, providers: Providers::new(providers), stand_ins, vault }
    }
}

/// The service as the composition root registers it, its jobs included.
#[must_use]
pub fn definition(
    platform: &Arc<Platform>,
    master_key: &[u8; 32],
    providers: Vec<Arc<dyn ResourceProvider>>,
    stand_ins: Arc<StandIns>,
) -> Definition {
    let stacks = Arc::new(Stacks::new(platform.clone(), master_key, providers, stand_ins));
    let mut definition = Definition::new("cloudformation", MODEL, operations(&stacks));
    definition.violations = Violation::error;
    definition.jobs = jobs::jobs(&stacks);
    definition
}
