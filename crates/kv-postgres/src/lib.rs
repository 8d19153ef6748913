//! The engine on the PostgreSQL wire: any number of nodes on one database.
//!
//! ```text
//! commit() ─▶ bounded queue ─▶ one task: drain ─▶ check in memory ─▶ one transaction, sent at once:
//!               claim the next versions if the head is where we know it · write · log · commit
//! head     ◀─ one task: many snapshots share one query
//! get/scan ◀─ pool: one statement each, which names the snapshot's version
//! ```
//!
//! - `pileus_head` is one row with the version of the last commit. A batch takes its versions by
//!   moving it, and holds its lock until it has committed: so commits become visible in the order of
//!   their versions, whatever node they come from.
//! - Each node knows which keys recent commits wrote (its [`kv::Window`], fed from its own commits
//!   and from `pileus_log`) up to a version. It checks a batch against that, and the batch only
//!   takes effect if the head still is at that version; else the node takes the lock first, reads
//!   what it has missed, and checks again.
//! - `pileus_kv` has the newest value of every key, `pileus_old` what commits since have replaced or
//!   deleted: a snapshot is a version, no transaction of the database, and costs no connection.
//!   What no snapshot can see any more is removed in bounded steps.
//! - Every batch leaves its number in its node's row. If the connection breaks while a batch commits,
//!   the node moves the head (so that the batch cannot take effect any more, if it has not) and reads
//!   that number.
//! - Nodes tell each other of commits with one `NOTIFY` at a time, outside of commits; the log is
//!   polled too, and alone where there is no `NOTIFY`.
//!
//! It uses plain SQL and no stored procedures. Connections over TCP are encrypted where the database
//! offers it; `sslmode=verify-full` also asks who answers. The reasons are in
//! `docs/design/0004-postgres-engine.md`.

mod batch;
mod clock;
mod committer;
mod connection;
mod engine;
mod head;
mod housekeeping;
mod limits;
mod listener;
mod pool;
mod schema;
mod shared;
mod snapshot;
mod sql;
mod tls;
mod transaction;

#[cfg(test)]
mod tests;

pub use clock::StoreClock;
pub use engine::PostgresEngine;
