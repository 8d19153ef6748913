//! The embedded engine: in-process and durable.
//!
//! ```text
//! commit() ─▶ bounded queue ─▶ one thread: drain ─▶ check ─▶ Log: one frame, one fdatasync
//!                                                   ─▶ tables (in memory) ─▶ publish ─▶ watches ─▶ acknowledge
//! ```
//!
//! - Our own write-ahead log is the only thing whose sync a commit waits for. Every
//!   frame is checksummed and numbered, so that damage anywhere is found at open and refused; only an
//!   unfinished frame at the very end, which nobody was told of, is cut off.
//! - The ordered tables are fjall's LSM tree (crate `lsm-tree`) without fjall's own journal, whose
//!   recovery drops what follows a damaged page without a word. A memtable is flushed to checksummed
//!   and synced table files before the log files that it came from are removed.
//! - A side file holds the last acknowledged version, as a low bound: a store that is behind it has
//!   lost something and is not opened.
//! - An error while writing or syncing stops the engine for good. Nothing is retried: after a failed
//!   sync nobody knows what the disk holds.
//!
//! The data folder:
//!
//! | path | what |
//! |---|---|
//! | `format` | the format version, one line |
//! | `lock` | locked by the process that has the store open |
//! | `acknowledged` | the last acknowledged version |
//! | `log/N.log` | frames that are not all in tables yet |
//! | `tables/` | the LSM tree |

mod acknowledged;
mod committer;
mod disk;
mod engine;
mod folder;
mod frame;
mod log;
mod maintenance;
mod shared;
mod tables;

#[cfg(test)]
mod tests;

pub use engine::{EmbeddedEngine, Options};
