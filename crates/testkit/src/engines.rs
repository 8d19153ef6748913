use crate::{Bed, Build};
use clock::Ids;
use kv::Engine;
use kv_conformance::postgres::Database;
use kv_embedded::{EmbeddedEngine, Options};
use kv_memory::{Faults, Faulty, MemoryEngine};
use kv_postgres::PostgresEngine;
use std::sync::Arc;
use types::Secret;

/// Runs a test on every engine: in memory, in memory with injected conflicts, embedded, and on
/// PostgreSQL.
///
/// # Panics
/// The test does, or an engine cannot be opened.
pub async fn on_every_engine(build: Build, test: impl AsyncFn(Bed)) {
    with_every_engine(async |engine| test(Bed::new(engine, build)).await).await;
}

/// Runs a test that makes its own platform with every engine.
///
/// # Panics
/// The test does, or an engine cannot be opened.
pub async fn with_every_engine(test: impl AsyncFn(Arc<dyn Engine>)) {
    test(Arc::new(MemoryEngine::new())).await;
    let faults = Faults { conflict: 200, yields: 3, ..Faults::default() };
    let faulty = Faulty::new(Arc::new(MemoryEngine::new()), 1, faults);
    test(Arc::new(faulty)).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let embedded = EmbeddedEngine::open(folder.path(), Options::default());
    test(Arc::new(embedded.expect("an embedded store"))).await;
    let database = Database::create().await;
    let url = Secret::new(database.url());
    let postgres = PostgresEngine::open(&url, &Ids::from_seed(9)).await;
    test(Arc::new(postgres.expect("a store in PostgreSQL"))).await;
    database.remove().await;
}

/// Runs a test in memory only: for what does not depend on the engine.
///
/// # Panics
/// The test does.
pub async fn on_memory(build: Build, test: impl AsyncFn(Bed)) {
    test(Bed::new(Arc::new(MemoryEngine::new()), build)).await;
}
