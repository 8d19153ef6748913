//! Logs: Amazon CloudWatch Logs, log groups and streams.
//!
//! What it does: groups with retention and tags, streams, putting, getting and filtering events
//! with unstructured and JSON filter patterns, and [`LogWriter`], by which functions' output gets
//! here in batches, as far as its execution role allows.
//!
//! What it does not: metric filters, subscriptions, Insights queries, live tail sessions,
//! encryption keys and other log classes than `STANDARD`, which are refused by name. Space-delimited
//! and regular expression patterns are refused, too.
//!
//! Invariants:
//! * Events of a stream are ordered by their timestamp, then by the order in which they were
//!   accepted. Tokens are places in that order, so they stay good while events are added.
//! * A group has random bytes as its identity: one that is deleted is gone at once, whatever it
//!   holds, and another of its name starts empty. A job deletes what is left.
//! * Events beyond their retention are not returned, whether they are deleted yet or not.

pub mod config;
mod error;
mod jobs;
mod keys;
mod model;
mod ops;
mod pattern;
mod records;
mod resources;
mod writer;

pub use error::Error;
pub use ops::operations;
pub use records::records;
pub use writer::{Destination, LogWriter};

use service::{Definition, Platform};
use std::sync::Arc;

/// The official service model, pruned to the operations of this crate by `cargo xtask models`.
pub const MODEL: &str = include_str!("../model.json");

/// The log service. It has no state of its own: everything is in the store.
#[derive(Debug, Default)]
pub struct Logs;

/// The service as the composition root registers it.
#[must_use]
pub fn definition(platform: &Arc<Platform>) -> Definition {
    let mut definition = Definition::new("logs", MODEL, operations(&Arc::new(Logs)));
    definition.violations = error::from_violations;
    definition.resources = resources::providers();
    definition.jobs = vec![
        Arc::new(jobs::Clear::new(platform.clone())),
        Arc::new(jobs::Sweep::new(platform.clone())),
    ];
    definition
}
