//! Backups, restores, copies and checks of a whole installation, whatever engine it is on.
//!
//! ```text
//! a running installation ─ LiveSource ─┐                ┌─ save ──▶ a folder of files
//! the same, over the network ──────────┼─▶ dyn Source ──┤
//! a folder that save wrote ─ Folder ───┘                └─ load ──▶ an empty store and its blobs
//! ```
//!
//! A [`Source`] is one snapshot of a store, page by page, and the blobs that it refers to; services
//! say which those are ([`service::records`]). A backup is [`save`], a restore [`load`] of a
//! [`Folder`], a copy [`load`] of a [`LiveSource`].
//!
//! Invariants:
//! * What a source gives is the state at one version: everything that was acknowledged before it
//!   was opened, and nothing of a transaction without the rest of it.
//! * A folder without a whole and undamaged manifest is no backup. Every file is named there with
//!   its SHA-256, and is checked before the first byte is restored.
//! * A store that a restore has begun to fill is not opened before the restore has ended
//!   ([`is_incomplete`]).
//! * Secrets stay encrypted under the master key, which is in no backup; the manifest tells which
//!   key it was, so that another is refused.

mod block;
mod check;
mod error;
mod folder;
mod live;
mod load;
mod manifest;
mod save;
mod source;
mod table;

pub use block::{decode as decode_page, encode as encode_page};
pub use check::{Checker, Finding, Kind, Step};
pub use error::Error;
pub use folder::Folder;
pub use live::LiveSource;
pub use load::{is_incomplete, load};
pub use save::save;
pub use source::{Head, Observer, Page, Progress, Source, StoredBlob, key_check};
pub use table::RecordTable;
