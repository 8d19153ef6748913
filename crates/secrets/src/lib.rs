//! Secrets: the parameters of AWS Systems Manager (Parameter Store). Secrets Manager will join them.
//!
//! What it does: parameters of the types `String`, `StringList` and `SecureString`, with versions,
//! labels, hierarchies, tags, allowed patterns and both tiers, and the resource type
//! `AWS::SSM::Parameter`.
//!
//! What it does not: parameter policies, KMS keys of the account's own, image ids as a data type,
//! sharing with other accounts, and everything of Systems Manager that is not a parameter. All of it
//! is refused by name.
//!
//! Invariants:
//! * The value of a `SecureString` lies in the store only sealed under the installation's master
//!   key, and is bound to its parameter and version.
//! * A version that was read is the same for as long as it is there; a change makes a new one.
//! * A label names one version.

pub mod config;
mod error;
mod keys;
mod model;
mod ops;
mod records;
mod resources;

pub use error::Error;
pub use ops::operations;
pub use records::records;

use service::Definition;
use std::sync::Arc;

/// The official service model, pruned to the operations of this crate by `cargo xtask models`.
pub const MODEL_SSM: &str = include_str!("../model-ssm.json");

/// The parameter service. It holds a key; everything else is in the store.
#[derive(Debug)]
pub struct Parameters {
    vault: model::Vault,
}

/// The services as the composition root registers them. `master_key` is kept outside of the store;
/// secret values are sealed under it.
#[must_use]
pub fn definitions(master_key: &[u8; 32]) -> Vec<Definition> {
    let parameters = Arc::new(Parameters { vault: model::Vault::new(master_key) });
    let mut ssm = Definition::new("ssm", MODEL_SSM, operations(&parameters));
    ssm.resources = resources::providers();
    vec![ssm]
}
