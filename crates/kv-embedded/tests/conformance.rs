//! The embedded engine passes the suite of every engine.

use std::sync::Arc;

use kv::Engine;
use kv_embedded::{EmbeddedEngine, Options};
use tempfile::TempDir;

fn open(options: Options) -> (Arc<dyn Engine>, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let engine = EmbeddedEngine::open(&folder.path().join("data"), options)
        .expect("an empty folder can be opened");
    (Arc::new(engine), folder)
}

kv_conformance::conformance!(open(Options::default()));

/// The same while what was written moves to table files all the time.
mod with_tiny_memtables {
    use super::*;

    kv_conformance::conformance!(open(Options { memtable_bytes: 2048, ..Options::default() }));
}
