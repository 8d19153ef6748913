//! The ordered, serializable, transactional key-value interface that carries everything but large
//! bytes.
//!
//! Services are layers on a [`Transaction`]; they never see an [`Engine`]. An engine offers three
//! things: a [`Snapshot`] of the published state, an atomic [`Commit`] that is durable before it is
//! acknowledged, and a [`Watch`] on a prefix. Everything else (reading one's own writes, conflict
//! tracking, limits, record versions, key encoding) is here once, for every engine.
//!
//! ```text
//! Store ── begin() ──▶ Transaction ── commit() ──▶ Engine::commit(Commit) ──▶ Committed
//!                        │  get / scan ──▶ Snapshot, merged with the Overlay of own writes
//! ```
//!
//! Invariants:
//! - a transaction that commits behaves as if it ran alone, at its commit version;
//! - versions and the [`Stamp`]s made of them only grow, in commit order;
//! - limits ([`limits`]) are equal on every engine, so that code that works on one works on all;
//! - a watch is a hint: it may fire for nothing, and nothing may depend on it for correctness.

mod engine;
mod error;
mod key;
pub mod limits;
mod overlay;
mod record;
mod stamp;
mod store;
mod transaction;
mod tuple;
mod watch;
mod window;

pub use engine::{Commit, Committed, Engine, Mutation, Snapshot, add_to};
pub use error::Error;
pub use key::{Entry, Key, Range, Value};
pub use record::{Record, decode_record, encode_record};
pub use stamp::Stamp;
pub use store::Store;
pub use transaction::{Isolation, Scan, Transaction};
pub use tuple::{KeyBuilder, KeyReader, Tag};
pub use watch::{Wake, Watch, Watches};
pub use window::Window;
