use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use kv::{Error, Key, KeyBuilder, Scan, Store, Tag, Value};
use kv_embedded::{EmbeddedEngine, Options};

const TAG: Tag = Tag(0xbe0c);

/// The size of a value, in bytes.
const VALUE_BYTES: usize = 200;

/// The size of one record of the floor, in bytes: about what one transaction logs.
const RECORD_BYTES: usize = 512;

/// `bench kv`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many writers there are, in turn.
    #[arg(long, value_delimiter = ',', default_value = "1,16,128")]
    writers: Vec<u64>,
    /// Where to write: a folder on the disk to measure.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

/// Prints the floor before and after, and each number of writers between.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let time = Duration::from_secs(arguments.seconds);
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

    open_empty(&folder.path().join("empty"))?;
    let before = floor(&folder.path().join("floor-before"), time)?;
    println!("{:<44}{before:>10.0}/s", format!("append {RECORD_BYTES} B + fdatasync"));
    for &writers in &arguments.writers {
        let path = folder.path().join(format!("store-{writers}"));
        let rate = runtime.block_on(read_modify_writes(&path, writers, time))?;
        let name = format!("durable read-modify-writes, {writers} writers");
        println!("{name:<44}{rate:>10.0}/s   {:>6.2} x floor", rate / before);
    }
    let after = floor(&folder.path().join("floor-after"), time)?;
    let name = format!("append {RECORD_BYTES} B + fdatasync, again");
    println!("{name:<44}{after:>10.0}/s   {:>6.2} x floor", after / before);
    let reads = runtime.block_on(reads(&folder.path().join("reads"), time))?;
    println!("{:<44}{:>10.0}/s", "gets, 1 reader", reads.0);
    println!("{:<44}{:>10.0}/s", "scans of 100, 1 reader", reads.1);
    Ok(())
}

fn open_empty(path: &Path) -> anyhow::Result<()> {
    for name in ["open an empty store, new folder", "open an empty store, again"] {
        let start = Instant::now();
        let engine = EmbeddedEngine::open(path, Options::default())?;
        println!("{name:<44}{:>10.1} ms", start.elapsed().as_secs_f64() * 1000.0);
        drop(engine);
    }
    Ok(())
}

/// How many records a second one thread appends and syncs.
fn floor(path: &Path, time: Duration) -> anyhow::Result<f64> {
    let mut file = File::create_new(path)?;
    let record = [7; RECORD_BYTES];
    let start = Instant::now();
    let mut count = 0u32;
    while start.elapsed() < time {
        file.write_all(&record)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// How many transactions of two gets and two puts a second `writers` tasks commit, each on keys of
/// its own. Fails if one that was acknowledged is not found after the store is opened again.
async fn read_modify_writes(path: &Path, writers: u64, time: Duration) -> anyhow::Result<f64> {
    let store = Store::new(EmbeddedEngine::open(path, Options::default())?);
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (store, count) = (store.clone(), count.clone());
            tokio::spawn(async move {
                while start.elapsed() < time {
                    increment(&store, writer).await?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<(), Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let elapsed = start.elapsed().as_secs_f64();
    drop(store);

    let acknowledged = count.load(Ordering::Relaxed);
    let store = Store::new(EmbeddedEngine::open(path, Options::default())?);
    let mut found = 0;
    for writer in 0..writers {
        let value = store.begin().get(&key(writer, 0)).await?.context("a writer left nothing")?;
        found += number(&value)?;
    }
    anyhow::ensure!(found == acknowledged, "{found} found of {acknowledged} acknowledged");
    #[expect(clippy::cast_precision_loss, reason = "a rate to print")]
    Ok(acknowledged as f64 / elapsed)
}

async fn increment(store: &Store, writer: u64) -> Result<(), Error> {
    let mut tx = store.begin();
    let mut next = 1;
    for side in [0, 1] {
        if let Some(value) = tx.get(&key(writer, side)).await? {
            next = number(&value)? + 1;
        }
    }
    let mut value = next.to_be_bytes().to_vec();
    value.resize(VALUE_BYTES, 0);
    let value = Value::from(value);
    for side in [0, 1] {
        tx.put(key(writer, side), value.clone())?;
    }
    tx.commit().await.map(drop)
}

fn number(value: &[u8]) -> Result<u64, Error> {
    let number = value.first_chunk().ok_or_else(|| Error::Corrupt("a value is short".into()))?;
    Ok(u64::from_be_bytes(*number))
}

fn key(writer: u64, side: u64) -> Key {
    KeyBuilder::new(TAG).str("bench").u64(writer).u64(side).build()
}

/// Gets, and scans of 100, a second.
async fn reads(path: &Path, time: Duration) -> anyhow::Result<(f64, f64)> {
    const KEYS: u64 = 10_000;
    let store = Store::new(EmbeddedEngine::open(path, Options::default())?);
    for writer in 0..KEYS / 1000 {
        let mut tx = store.begin();
        for side in 0..1000 {
            tx.put(key(writer, side), Value::from(vec![0; VALUE_BYTES]))?;
        }
        tx.commit().await?;
    }
    let (mut gets, start) = (0u32, Instant::now());
    while start.elapsed() < time {
        let number = u64::from(gets).wrapping_mul(7919) % KEYS;
        let value = store.begin().get(&key(number / 1000, number % 1000)).await?;
        anyhow::ensure!(value.is_some(), "a key is missing");
        gets += 1;
    }
    let gets = f64::from(gets) / start.elapsed().as_secs_f64();
    let (mut scans, start) = (0u32, Instant::now());
    while start.elapsed() < time {
        let range = KeyBuilder::new(TAG).str("bench").u64(u64::from(scans) % 10).range();
        let entries = store.begin().scan(&range, Scan::first(100)).await?;
        anyhow::ensure!(entries.len() == 100, "an entry is missing");
        scans += 1;
    }
    Ok((gets, f64::from(scans) / start.elapsed().as_secs_f64()))
}
