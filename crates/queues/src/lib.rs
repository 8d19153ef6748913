//! Queues: Amazon SQS, standard and FIFO queues.
//!
//! This crate is the model of a service: every other has the same rooms. Start with `ops`, the
//! list of operations; open one of them; follow it into `model`, where the rules are; see in
//! `keys` where things lie.
//!
//! What it does: durable messages with visibility timeouts, delays, long polls, dead-letter
//! queues, retention, policies, attributes and tags, over JSON 1.0 and the Query protocol.
//!
//! FIFO queues are in `model/fifo`: messages in groups, each group in order and in the hands of one
//! receiver at a time (`docs/design/0008-fifo-queues.md`).
//!
//! What it does not: KMS keys of the account's own and message move tasks, which are refused by name,
//! and throttling: `FifoThroughputLimit` has no effect. Bodies are encrypted under the installation's master key where the queue has
//! server-side encryption, which is the default; `alias/aws/sqs` does the same.
//!
//! Invariants:
//! * A message is in exactly one place: ready, or hidden (delayed or in flight); in a FIFO queue it
//!   keeps its place, and its group is in exactly one list. Moves between them are one transaction.
//! * A message that was acknowledged to its sender is received until it is deleted, expires, or
//!   moves to the dead-letter queue.
//! * A receipt handle works until the message is received again; in a FIFO queue, until its
//!   visibility timeout ends.
//! * Receivers do not read what they have deleted: they start at a durable cursor.

pub mod config;
mod error;
mod jobs;
mod keys;
mod model;
mod ops;
mod records;
mod resources;
mod source;
mod target;

pub use error::Error;
pub use ops::operations;
pub use records::records;

use clock::Ids;
use service::{Definition, Platform, Violation};
use std::sync::Arc;

/// The queue service. What it holds are keys and hints: everything that counts is in the store.
#[derive(Debug)]
pub struct Queues {
    bodies: model::Bodies,
    in_flight: model::InFlight,
    promotions: model::Promotions,
    /// For what no request asked for: the reads of event source mappings.
    ids: Ids,
}

/// What the service is made of.
pub struct Parts {
    /// Random ids of this process.
    pub ids: Ids,
    /// Under which the bodies of messages are encrypted; kept outside of the store.
    pub master_key: [u8; 32],
    /// Messages of one queue that may be in flight: [`config::IN_FLIGHT_MESSAGES`].
    pub in_flight_messages: u64,
}

/// The service as the composition root registers it.
#[must_use]
pub fn definition(platform: &Platform, parts: Parts) -> Definition {
    let queues = Arc::new(Queues {
        bodies: model::Bodies::new(&parts.master_key),
        in_flight: model::InFlight::new(parts.in_flight_messages),
        promotions: model::Promotions::default(),
        ids: parts.ids,
    });
    let mut definition = Definition::new("sqs", include_str!("../model.json"), operations(&queues));
    definition.violations = |violations: &[Violation]| error::from_violations(violations);
    definition.path_member = Some("QueueUrl");
    definition.targets = vec![Arc::new(target::QueueTarget(queues.clone()))];
    definition.sources = vec![Arc::new(source::QueueSource(queues))];
    definition.resources = resources::providers();
    definition.jobs = vec![
        Arc::new(jobs::Clear::new(platform.store.clone())),
        Arc::new(jobs::Expire::new(platform.store.clone(), platform.clock.clone())),
    ];
    definition
}
