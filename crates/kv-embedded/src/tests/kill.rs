//! A writer process is killed again and again, and everything that it had not synced is lost.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use kv::{Error, KeyBuilder, Scan, Store, Value};

use super::disk::{Synced, TestDisk};
use super::{TAG, open, runtime};
use crate::{EmbeddedEngine, Options};

const FOLDER: &str = "KV_EMBEDDED_KILLED_WRITER_FOLDER";
const TEST: &str =
    "tests::kill::kill_9_and_the_loss_of_what_was_not_synced_lose_nothing_acknowledged";
const KILLS: u64 = 20;
const TASKS: u64 = 6;
const OPTIONS: Options = Options { cache_bytes: 1 << 20, memtable_bytes: 16 * 1024 };

/// The test starts itself again as the writer, with the folder in the environment.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the writer is told its folder")]
fn kill_9_and_the_loss_of_what_was_not_synced_lose_nothing_acknowledged() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut acknowledged = BTreeMap::new();
    for round in 0..KILLS {
        let durable = run_and_kill(&data, 40 + round * 13, &mut acknowledged);
        lose_what_was_not_synced(&data, &durable, round);
        verify(&data, &acknowledged);
    }
    assert!(acknowledged.values().sum::<u64>() > 20 * 40);
}

/// What a writer had made durable when it was killed.
#[derive(Default)]
struct Durable {
    /// The synced length of each log file.
    logs: HashMap<String, u64>,
    /// Log files whose names are durable.
    named: Vec<String>,
    /// The side file.
    bound: Option<String>,
}

/// Starts a writer, kills it after some acknowledgements, and adds what it had acknowledged.
fn run_and_kill(data: &Path, after: u64, acknowledged: &mut BTreeMap<u64, u64>) -> Durable {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(FOLDER, data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut durable = Durable::default();
    let mut count = 0;
    for line in BufReader::new(writer.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["ack", task, number] => {
                acknowledged.insert(task.parse().unwrap(), number.parse().unwrap());
                count += 1;
            }
            ["log", name, bytes] => {
                durable.logs.insert(name.to_owned(), bytes.parse().unwrap());
            }
            ["bound", hex] => durable.bound = Some(hex.to_owned()),
            ["folder"] => durable.named = durable.logs.keys().cloned().collect(),
            _ => panic!("the writer said {line:?}"),
        }
        if count == after {
            writer.kill().unwrap();
        }
    }
    assert!(count >= after, "the writer ended after {count} acknowledgements");
    assert!(!writer.wait().unwrap().success());
    durable
}

fn lose_what_was_not_synced(data: &Path, durable: &Durable, round: u64) {
    for log in super::files(&data.join("log")) {
        let name = log.file_name().unwrap().to_str().unwrap().to_owned();
        // A file of an earlier writer that this one only read is durable as it is.
        let Some(&synced) = durable.logs.get(&name) else { continue };
        let bytes = fs::read(&log).unwrap();
        assert!(bytes.len() as u64 >= synced);
        let kept = usize::try_from(synced).unwrap();
        let lost = bytes.len() - kept;
        let after = match round % 3 {
            0 => bytes[..kept].to_vec(),
            1 => bytes[..kept + lost / 2].to_vec(),
            _ => [&bytes[..kept], &vec![0; lost]].concat(),
        };
        fs::write(&log, after).unwrap();
        if !durable.named.contains(&name) && synced == 0 {
            fs::remove_file(&log).unwrap();
        }
    }
    // The side file as of its last sync: an older bound.
    if let Some(bound) = &durable.bound {
        let bytes: Vec<u8> = (0..bound.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&bound[at..at + 2], 16).unwrap())
            .collect();
        fs::write(data.join("acknowledged"), bytes).unwrap();
    }
}

/// Every task's keys are there without a hole, up to what was acknowledged at least.
fn verify(data: &Path, acknowledged: &BTreeMap<u64, u64>) {
    runtime().block_on(async {
        let store = open(data, OPTIONS).unwrap();
        for (&task, &last) in acknowledged {
            let mut tx = store.begin();
            let range = KeyBuilder::new(TAG).u64(task).range();
            let entries = tx.scan(&range, Scan::first(1_000_000)).await.unwrap();
            assert!(entries.len() as u64 > last, "task {task}: {} of {last}", entries.len());
            for (number, entry) in entries.iter().enumerate() {
                let key = KeyBuilder::new(TAG).u64(task).u64(number as u64).build();
                assert_eq!(entry.key, key);
                assert_eq!(entry.value, content(number as u64));
            }
        }
    });
}

fn content(number: u64) -> Value {
    Value::from(number.to_string().repeat(30))
}

/// The writer process. It says what it has synced before it says what it has acknowledged.
fn write_until_killed(data: &Path) {
    let (log, side) = (data.join("log"), data.join("acknowledged"));
    let disk = TestDisk::reporting(move |synced| report(&log, &side, &synced));
    let engine = EmbeddedEngine::open_on(Arc::new(disk), data, OPTIONS).unwrap();
    let store = Store::new(engine);
    runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            tasks.spawn(write(store.clone(), task));
        }
        let ended = tasks.join_next().await;
        panic!("a task ended: {ended:?}");
    });
}

fn report(log: &Path, side: &PathBuf, synced: &Synced<'_>) {
    match synced {
        Synced::Folder => say("folder"),
        Synced::File { path, beginning, .. } if path == side => {
            let hex: String = beginning.iter().map(|byte| format!("{byte:02x}")).collect();
            if !hex.is_empty() {
                say(&format!("bound {hex}"));
            }
        }
        Synced::File { path, bytes, .. } => {
            if let Ok(name) = path.strip_prefix(log) {
                say(&format!("log {} {bytes}", name.display()));
            }
        }
    }
}

/// Tells the parent one line, with one write, so that a kill leaves no part of it.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Writes the task's next key, for ever.
async fn write(store: Store, task: u64) -> Result<(), Error> {
    loop {
        let mut tx = store.begin();
        let range = KeyBuilder::new(TAG).u64(task).range();
        let last = tx.scan(&range, Scan::last(1)).await?.pop();
        let number = match &last {
            None => 0,
            Some(entry) => {
                let mut reader = kv::KeyReader::new(TAG, &entry.key)?;
                (reader.u64()?, reader.u64()? + 1).1
            }
        };
        tx.put(KeyBuilder::new(TAG).u64(task).u64(number).build(), content(number))?;
        tx.commit().await?;
        say(&format!("ack {task} {number}"));
    }
}
