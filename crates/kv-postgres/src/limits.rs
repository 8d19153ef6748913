//! The bounds of the engine, on each node.

use std::time::Duration;

/// How many commits may wait for the committer.
pub(crate) const QUEUE: usize = 4_096;
/// How many transactions share a commit of the database at most.
pub(crate) const BATCH_TRANSACTIONS: usize = 256;
/// After how many bytes a batch takes no further transaction.
pub(crate) const BATCH_BYTES: usize = 256 * 1024;
/// How many connections serve reads at most. Three more are always open.
pub(crate) const READERS: usize = 16;
/// How long a read or the start of a snapshot may take, waiting and new connections included.
pub(crate) const READ_TIME: Duration = Duration::from_secs(15);
/// How long one attempt to commit may take before its connection is given up.
pub(crate) const ATTEMPT_TIME: Duration = Duration::from_secs(20);
/// How long a commit that did not take effect is tried again.
pub(crate) const COMMIT_TIME: Duration = Duration::from_secs(10);
/// How long the engine tries to find out whether a commit took effect.
pub(crate) const RESOLVE_TIME: Duration = Duration::from_secs(30);
/// How long a connection may take to be made.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(10);
/// The first and the longest pause between two attempts to connect.
pub(crate) const BACKOFF: (Duration, Duration) =
    (Duration::from_millis(20), Duration::from_secs(1));
/// How often the log is polled where nodes are told of commits.
pub(crate) const POLL: Duration = Duration::from_secs(1);
/// How often the log is polled where they are not.
pub(crate) const POLL_UNTOLD: Duration = Duration::from_millis(100);
/// How many batches of other nodes are read from the log at once.
pub(crate) const LOG_ROWS: i64 = 256;
/// How often a node says that it is there, and old versions are removed.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long what a commit replaced stays readable for every snapshot, whatever else.
pub(crate) const HISTORY: Duration = Duration::from_secs(15);
/// A snapshot that is younger than this needs not ask whether what it read was still complete. Far
/// below [`HISTORY`], so that neither a slow query nor clocks that run unevenly matter.
pub(crate) const CERTAIN: Duration = Duration::from_secs(6);
/// How many old rows are removed in one transaction, about.
pub(crate) const SWEEP_ROWS: i64 = 2_000;
/// How many such transactions follow one another at most before the next heartbeat.
pub(crate) const SWEEP_STEPS: usize = 100;
