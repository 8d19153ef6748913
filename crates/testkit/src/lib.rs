//! What the tests of all services share: a platform in the process, with a manual clock, on any
//! engine, and a client that goes through the wire.
//!
//! ```ignore
//! testkit::on_every_engine(|_| vec![queues::definition()], async |bed| {
//!     bed.ok("sqs", "CreateQueue", json!({"QueueName": "jobs"})).await;
//! })
//! .await;
//! ```

mod bed;
mod client;
mod engines;
mod generated;
mod identities;

pub use bed::{Bed, Build, definitions};
pub use client::{Client, Reply};
pub use engines::{on_every_engine, on_memory, with_every_engine};
pub use generated::{Hints, check_operations};
pub use identities::TestIdentities;

/// The account of every test.
pub const ACCOUNT: &str = "000000000000";
/// The region of every test.
pub const REGION: &str = "eu-central-1";
/// The URL that the platform of every test calls its own.
pub const PUBLIC_URL: &str = "http://127.0.0.1:4566";
