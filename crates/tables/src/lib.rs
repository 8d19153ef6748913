//! Tables: Amazon DynamoDB.
//!
//! Start with `ops`, the list of operations; open one of them; follow it into `model`, where the
//! rules are; see in `keys` where things lie. The language of expressions, numbers and sizes is the
//! crate [`expression`].
//!
//! What it does: tables with a partition and an optional sort key; items up to 400 KB; conditional
//! writes, updates, queries, scans (parallel ones too), batches; capacity as the guide computes it;
//! tags; deletion protection; both billing modes.
//!
//! What it does not: secondary indexes, streams, transactions, PartiQL, backups, expiry, KMS keys,
//! replicas, resource policies and the parameters from before expressions (`Expected`,
//! `AttributeUpdates`, `KeyConditions`, ...). All of them are refused by name. Provisioned capacity
//! is substituted (`docs/supported.md`): requests are served on demand, and the units of a template
//! or of `CreateTable` are only told back.
//!
//! Invariants:
//! * A write and the count of items and bytes that it changes are one transaction.
//! * Of any number of racing conditional writes of one item, those win that would win one after
//!   the other.
//! * Every read sees all writes that were acknowledged before it, whatever `ConsistentRead` says.
//! * A table of a name that was deleted before starts empty: its items lie under a new id.
//! * Inputs are checked in DynamoDB's order: the request by itself, then the table, then the keys.

pub mod config;
mod error;
mod jobs;
mod keys;
mod model;
mod ops;
mod records;
mod resources;

pub use error::Error;
pub use ops::operations;
pub use records::records;

use service::{Definition, Platform};
use std::sync::Arc;

/// The table service. Its state is in the store; it remembers only what record bytes decode to.
#[derive(Debug, Default)]
pub struct Tables {
    decoded: model::Decoded,
}

/// The service as the composition root registers it.
#[must_use]
pub fn definition(platform: &Platform) -> Definition {
    let tables = Arc::new(Tables::default());
    let operations = operations(&tables);
    let mut definition = Definition::new("dynamodb", include_str!("../model.json"), operations);
    definition.resources = resources::providers();
    definition.jobs = vec![Arc::new(jobs::Clear::new(platform.store.clone()))];
    definition
}
