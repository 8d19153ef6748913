//! What happens when connections break, and which databases are refused.

#![allow(clippy::unwrap_used, reason = "every function here is part of a test")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clock::Ids;
use kv::{Error, Key, KeyBuilder, Scan, Store, Tag, Value};
use kv_conformance::postgres::Database;
use kv_postgres::PostgresEngine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use types::Secret;

const TAG: Tag = Tag(0xffee);

async fn open(url: &str) -> Result<PostgresEngine, Error> {
    PostgresEngine::open(&Secret::new(url), &Ids::from_entropy().unwrap()).await
}

fn key(name: &str) -> Key {
    KeyBuilder::new(TAG).str(name).build()
}

async fn put(store: &Store, name: &str) -> Result<(), Error> {
    let mut tx = store.begin();
    tx.put(key(name), Value::from_static(b"1"))?;
    tx.commit().await.map(drop)
}

/// How many connections are broken in the middle of the load.
const BROKEN: usize = 20;

/// Stands between engine and server, and breaks one connection after about every twentieth answer,
/// before the answer arrives.
struct Breaker {
    folder: tempfile::TempDir,
    broken: Arc<AtomicUsize>,
}

impl Breaker {
    fn start(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let broken = Arc::new(AtomicUsize::new(0));
        let (server, count) = (server.to_owned(), broken.clone());
        tokio::spawn(async move {
            let random = Arc::new(Ids::from_seed(3));
            while let Ok((engine, _)) = listener.accept().await {
                let (random, count) = (random.clone(), count.clone());
                let server = UnixStream::connect(&server).await.unwrap();
                tokio::spawn(forward(engine, server, random, count));
            }
        });
        Self { folder, broken }
    }

    fn url(&self, database: &Database) -> String {
        let (_, rest) = database.url().split_once('&').unwrap();
        format!("postgres:///postgres?host={}&{rest}", self.folder.path().display())
    }
}

async fn forward(
    engine: UnixStream,
    server: UnixStream,
    random: Arc<Ids>,
    broken: Arc<AtomicUsize>,
) {
    let (mut from_engine, mut to_engine) = engine.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_engine, &mut to_server).await;
    });
    let mut answer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from_server.read(&mut answer).await {
        if random.below(20) == 0 {
            broken.fetch_add(1, Ordering::Relaxed);
            break;
        }
        if to_engine.write_all(&answer[..length]).await.is_err() {
            break;
        }
    }
    asking.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_connection_breaks_is_found_to_have_taken_effect_or_not() {
    let database = Database::create().await;
    let breaker = Breaker::start(&database.socket());
    // The setting up is not what is tested.
    drop(open(database.url()).await.unwrap());
    let engine = loop {
        match open(&breaker.url(&database)).await {
            Ok(engine) => break engine,
            Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error}"),
        }
    };
    let store = Store::new(engine);
    let tasks: Vec<_> = (0..8u64)
        .map(|task| {
            let (store, broken) = (store.clone(), breaker.broken.clone());
            tokio::spawn(async move {
                let mut outcomes = Vec::new();
                while broken.load(Ordering::Relaxed) < BROKEN {
                    let id = task * 1_000_000 + outcomes.len() as u64;
                    let mut tx = store.begin();
                    let value = Value::copy_from_slice(&id.to_be_bytes());
                    tx.put_versionstamped(KeyBuilder::new(TAG).build(), b"", value).unwrap();
                    outcomes.push((id, tx.commit().await));
                }
                outcomes
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for task in tasks {
        for (id, outcome) in task.await.unwrap() {
            let committed = outcome.unwrap();
            acknowledged.push((committed.stamp(0).in_key(&KeyBuilder::new(TAG).build(), b""), id));
        }
    }
    let direct = Store::new(open(database.url()).await.unwrap());
    let entries = direct.begin().scan(&TAG.range(), Scan::first(1_000_000)).await.unwrap();
    let found = entries
        .into_iter()
        .map(|entry| (entry.key, u64::from_be_bytes(entry.value[..].try_into().unwrap())));
    acknowledged.sort_unstable();
    assert_eq!(found.collect::<Vec<_>>(), acknowledged);
    let fences = "SELECT count(*) FROM pileus_log WHERE keys = ''::bytea";
    let fences: i64 = database.client().await.query_one(fences, &[]).await.unwrap().get(0);
    assert!(fences > 0, "no commit had an outcome to find");
}

#[tokio::test]
async fn a_node_goes_on_after_its_connections_were_ended() {
    let database = Database::create().await;
    let name = format!("node-of-test-{}", std::process::id());
    let url = format!("{}&application_name={name}", database.url());
    let store = Store::new(open(&url).await.unwrap());
    put(&store, "before").await.unwrap();
    assert!(store.begin().get(&key("before")).await.unwrap().is_some());
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name = $1";
    let ended = database.client().await.query_one(end, &[&name]).await.unwrap();
    assert!(ended.get::<_, i64>(0) >= 3);
    assert!(store.begin().get(&key("before")).await.unwrap().is_some());
    put(&store, "after").await.unwrap();
    assert!(store.begin().get(&key("after")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_write_on_one_node_wakes_a_watch_on_another() {
    let database = Database::create().await;
    let reader = Store::new(open(database.url()).await.unwrap());
    let writer = Store::new(open(database.url()).await.unwrap());
    for _ in 0..3 {
        let mut watch = reader.watch(&key("a"));
        put(&writer, "a").await.unwrap();
        watch.changed().await;
    }
}

#[tokio::test]
async fn many_nodes_may_set_up_one_database_at_once() {
    let database = Database::create().await;
    let url = database.url();
    let nodes = futures_util::future::join_all((0..6).map(|_| open(url))).await;
    for node in nodes {
        put(&Store::new(node.unwrap()), "a").await.unwrap();
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_build_is_refused() {
    let database = Database::create().await;
    drop(open(database.url()).await.unwrap());
    let raise = "UPDATE pileus_schema SET level = level + 1";
    database.client().await.batch_execute(raise).await.unwrap();
    let error = open(database.url()).await.unwrap_err();
    assert!(error.to_string().contains("update Pileus"), "{error}");
}

#[tokio::test]
async fn no_error_shows_a_password() {
    for url in [
        "postgres://me:hunter2@127.0.0.1:1/db",
        "postgres://me:hunter2@127.0.0.1:1/db?sslmode=allow",
        "postgres://me:hunter2@h/db?nonsense=1",
    ] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(&error, Error::Unavailable(_)), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_database_that_has_lost_commits_stops_the_node() {
    let database = Database::create().await;
    let engine = Arc::new(open(database.url()).await.unwrap());
    let store = Store::from_engine(engine.clone());
    for _ in 0..3 {
        put(&store, "a").await.unwrap();
    }
    let lose = "UPDATE pileus_head SET version = version - 2";
    database.client().await.batch_execute(lose).await.unwrap();
    assert!(matches!(store.snapshot().await.map(drop), Err(Error::Unavailable(_))));
    assert!(matches!(engine.failed().await, Error::Corrupt(_)));
    assert!(matches!(put(&store, "a").await, Err(Error::Unavailable(_))));
}
