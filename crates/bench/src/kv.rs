mod floor;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clock::Ids;
use kv::{Error, Key, KeyBuilder, Scan, Store, Tag, Value};
use kv_embedded::{EmbeddedEngine, Options};
use kv_postgres::PostgresEngine;
use types::Secret;

use floor::Floor;

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
    /// Measure the store in this PostgreSQL instead of the embedded one.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

/// Where a measured store is.
enum Place {
    Folder(PathBuf),
    Database(Secret),
}

impl Place {
    async fn open(&self) -> anyhow::Result<Store> {
        Ok(match self {
            Self::Folder(path) => Store::new(EmbeddedEngine::open(path, Options::default())?),
            Self::Database(url) => {
                let ids = Ids::from_entropy().map_err(|error| anyhow::anyhow!("{error}"))?;
                Store::new(PostgresEngine::open(url, &ids).await?)
            }
        })
    }
}

/// Prints what each number of writers commits, beside the floor.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let time = Duration::from_secs(arguments.seconds);
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

    let place = |name: String| match &arguments.store {
        None => Place::Folder(folder.path().join(name)),
        Some(url) => Place::Database(Secret::new(url)),
    };
    if arguments.store.is_none() {
        open_empty(&folder.path().join("empty"))?;
    }
    for &writers in &arguments.writers {
        let place = place(format!("store-{writers}"));
        let floor = folder.path().join(format!("floor-{writers}"));
        let measured = runtime.block_on(beside_floor(&place, &floor, writers, time))?;
        let name = format!("durable read-modify-writes, {writers} writers");
        let ratio = measured.store / measured.floor;
        println!(
            "{name:<44}{:>10.0}/s   {ratio:>6.2} x floor of {:.0}/s ({})",
            measured.store, measured.floor, measured.floor_name
        );
    }
    let reads = runtime.block_on(reads(&place("reads".to_owned()), time))?;
    println!("{:<44}{:>10.0}/s", "gets, 1 reader", reads.0);
    println!("{:<44}{:>10.0}/s", "scans of 100, 1 reader", reads.1);
    println!("{:<44}{:>10.1} MB", "resident memory at the end", resident_megabytes()?);
    Ok(())
}

/// Rates a second.
struct Measured {
    floor_name: &'static str,
    floor: f64,
    store: f64,
}

/// Measures the floor and the store in turn, in many short slices, so that what else the machine
/// does weighs on both alike.
async fn beside_floor(
    place: &Place,
    floor_file: &Path,
    writers: u64,
    time: Duration,
) -> anyhow::Result<Measured> {
    const SLICES: u32 = 10;
    let slice = time / SLICES;
    let store = place.open().await?;
    let mut floor = Floor::of(place, floor_file, writers).await?;
    // A database may have been measured before.
    let (mut floor_rate, mut store_rate) = (0.0, 0.0);
    let mut acknowledged = counted(&store, writers).await?;
    for _ in 0..SLICES {
        floor_rate += floor.measure(slice).await?;
        let (count, elapsed) = read_modify_writes(&store, writers, slice).await?;
        store_rate += rate(count, elapsed);
        acknowledged += count;
    }
    drop(store);
    let found = counted(&place.open().await?, writers).await?;
    anyhow::ensure!(found == acknowledged, "{found} found of {acknowledged} acknowledged");
    let (slices, floor_name) = (f64::from(SLICES), floor.name());
    floor.remove().await?;
    Ok(Measured { floor_name, floor: floor_rate / slices, store: store_rate / slices })
}

fn rate(count: u64, elapsed: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate to print")]
    let count = count as f64;
    count / elapsed.as_secs_f64()
}

fn resident_megabytes() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 =
        line.and_then(|line| line.trim().strip_suffix(" kB")).context("no VmRSS")?.parse()?;
    Ok(kilobytes / 1024.0)
}

fn open_empty(path: &Path) -> anyhow::Result<()> {
    for name in ["open an empty store, new folder", "open an empty store, again"] {
        let start = Instant::now();
        let engine = EmbeddedEngine::open(path, Options::default())?;
        println!("{name:<44}{:>10.1} ms", start.elapsed().as_secs_f64() * 1000.0);
        drop(engine);
    }
    println!("{:<44}{:>10.1} MB", "resident memory then", resident_megabytes()?);
    Ok(())
}

/// How many transactions of two gets and two puts `writers` tasks commit in about `time`, each on
/// keys of its own.
async fn read_modify_writes(
    store: &Store,
    writers: u64,
    time: Duration,
) -> anyhow::Result<(u64, Duration)> {
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
    Ok((count.load(Ordering::Relaxed), start.elapsed()))
}

/// How many increments of `writers` the store holds.
async fn counted(store: &Store, writers: u64) -> anyhow::Result<u64> {
    let mut found = 0;
    for writer in 0..writers {
        if let Some(value) = store.begin().get(&key(writer, 0)).await? {
            found += number(&value)?;
        }
    }
    Ok(found)
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
async fn reads(place: &Place, time: Duration) -> anyhow::Result<(f64, f64)> {
    const KEYS: u64 = 10_000;
    let store = place.open().await?;
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
