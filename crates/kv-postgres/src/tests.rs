//! What only the inside can bring about: old snapshots, and the sweep.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::Ids;
use kv::{Engine, Error, Key, KeyBuilder, Snapshot, Store, Tag, Value};
use kv_conformance::postgres::Database;
use types::Secret;

use crate::PostgresEngine;
use crate::housekeeping::Housekeeper;
use crate::snapshot::PostgresSnapshot;

const TAG: Tag = Tag(0xffee);

fn key(number: u64) -> Key {
    KeyBuilder::new(TAG).u64(number).build()
}

async fn open(database: &Database) -> Arc<PostgresEngine> {
    let url = Secret::new(database.url());
    Arc::new(PostgresEngine::open(&url, &Ids::from_entropy().unwrap()).await.unwrap())
}

async fn write(engine: &Arc<PostgresEngine>, key: Key, value: Option<&'static str>) -> u64 {
    let mut tx = Store::from_engine(engine.clone()).begin();
    match value {
        Some(value) => tx.put(key, Value::from_static(value.as_bytes())).unwrap(),
        None => tx.delete(key).unwrap(),
    }
    tx.commit().await.unwrap().version
}

/// How many rows a table has.
async fn rows(database: &Database, table: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {table}");
    database.client().await.query_one(&count, &[]).await.unwrap().get(0)
}

/// As if its snapshots had been taken seven seconds ago.
fn aged(engine: &PostgresEngine, version: u64) -> PostgresSnapshot {
    let taken = Instant::now().checked_sub(Duration::from_secs(7)).unwrap();
    PostgresSnapshot::open(engine.shared().clone(), version, taken)
}

#[tokio::test]
async fn the_sweep_removes_what_was_replaced_and_keeps_what_is_newest() {
    let database = Database::create().await;
    let engine = open(&database).await;
    for number in 0..5 {
        write(&engine, key(number), Some("1")).await;
        write(&engine, key(number), Some("2")).await;
    }
    let last = write(&engine, key(0), None).await;
    assert_eq!(rows(&database, "pileus_old").await, 6);
    let before = aged(&engine, last - 1);
    assert_eq!(before.get(&key(0)).await, Ok(Some(Value::from_static(b"2"))));
    let housekeeper = Housekeeper::new(engine.shared().clone());
    housekeeper.sweep(i64::try_from(last).unwrap()).await.unwrap();
    for table in ["pileus_old", "pileus_log"] {
        assert_eq!(rows(&database, table).await, 0, "{table}");
    }
    // An older one may miss something, and says so.
    assert_eq!(before.get(&key(0)).await, Err(Error::TooOld));
    assert_eq!(before.scan(&TAG.range(), false, 10).await, Err(Error::TooOld));
    let now = aged(&engine, last);
    assert_eq!(now.scan(&TAG.range(), false, 10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_snapshot_of_any_node_holds_back_what_it_needs() {
    let database = Database::create().await;
    let (first, second) = (open(&database).await, open(&database).await);
    write(&first, key(0), Some("1")).await;
    let snapshot = second.snapshot().await.unwrap();
    write(&first, key(0), Some("2")).await;
    write(&first, key(0), Some("3")).await;
    for engine in [&first, &second] {
        let mut housekeeper = Housekeeper::new(engine.shared().clone());
        housekeeper.beat().await.unwrap();
    }
    for engine in [&first, &second] {
        let mut housekeeper = Housekeeper::new(engine.shared().clone());
        housekeeper.remember(Duration::from_secs(60));
        housekeeper.beat().await.unwrap();
    }
    // What it does not need is gone: nothing, since the first value was there when it began.
    assert_eq!(rows(&database, "pileus_old").await, 2);
    assert_eq!(snapshot.get(&key(0)).await, Ok(Some(Value::from_static(b"1"))));
    drop(snapshot);
    // Whichever of them sweeps has seen the last version: news may come late.
    drop(second.snapshot().await.unwrap());
    for engine in [&first, &second, &first] {
        let mut housekeeper = Housekeeper::new(engine.shared().clone());
        housekeeper.remember(Duration::from_secs(60));
        housekeeper.beat().await.unwrap();
    }
    assert_eq!(rows(&database, "pileus_old").await, 0);
}

#[tokio::test]
async fn a_node_that_was_left_behind_refuses_what_it_cannot_check() {
    let database = Database::create().await;
    let (first, second) = (open(&database).await, open(&database).await);
    let store = Store::from_engine(second.clone());
    let mut tx = store.begin();
    assert_eq!(tx.get(&key(1)).await, Ok(None));
    tx.put(key(2), Value::from_static(b"1")).unwrap();
    // What the second node has not followed disappears from the log.
    let last = write(&first, key(0), Some("1")).await;
    let log = "UPDATE pileus_log SET version = version + 100, previous = previous + 100; \
               UPDATE pileus_head SET version = version + 100";
    database.client().await.batch_execute(log).await.unwrap();
    let outcome = tx.commit().await;
    assert!(matches!(outcome, Err(Error::TooOld)), "{outcome:?} after {last}");
    assert_eq!(store.begin().get(&key(2)).await, Ok(None));
    let mut again = store.begin();
    assert_eq!(again.get(&key(1)).await, Ok(None));
    again.put(key(2), Value::from_static(b"1")).unwrap();
    again.commit().await.unwrap();
}

#[tokio::test]
async fn reads_go_by_index_however_large_the_tables_are() {
    let database = Database::create().await;
    let engine = open(&database).await;
    write(&engine, key(0), Some("1")).await;
    let client = database.client().await;
    for setting in crate::sql::SETTINGS {
        client.batch_execute(setting).await.unwrap();
    }
    for (text, types) in [
        (crate::sql::GET, "bytea, int8"),
        (crate::sql::SCAN, "bytea, bytea, int8, int8"),
        (crate::sql::SCAN_REVERSE, "bytea, bytea, int8, int8"),
        (crate::sql::FOLLOW, "int8, int8"),
        (crate::sql::NEWEST, "bytea[]"),
        (crate::sql::SWEEP_OLD, "int8"),
    ] {
        let values = types.split(", ").map(|name| if name == "int8" { "1" } else { "NULL" });
        let values = values.collect::<Vec<_>>().join(", ");
        let prepare = format!("PREPARE it ({types}) AS {text}");
        client.batch_execute(&prepare).await.unwrap();
        let explain = format!("EXPLAIN EXECUTE it ({values})");
        let plan = client.simple_query(&explain).await.unwrap();
        let plan = format!("{plan:?}");
        assert!(!plan.contains("Seq Scan"), "{text}: {plan}");
        client.batch_execute("DEALLOCATE it").await.unwrap();
    }
}
