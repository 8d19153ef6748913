//! A system-call trace of real uploads: when one has answered, a loss of power loses nothing of it.
//!
//! The bytes are written to a file, the file is synced, it gets its name, and the folder of that
//! name is synced: in this order, all before the answer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use blob::{BlobId, Blobs, Encryption};
use clock::Ids;
use kv::{Store, Tag};
use kv_memory::MemoryEngine;
use std::{collections::HashMap, ffi::OsString, fs, io::Write, path::Path, process::Command};

const FOLDER: &str = "BLOB_TRACED_FOLDER";
const TEST: &str = "an_upload_that_has_answered_survives_a_loss_of_power";
const CALLS: &str = "trace=write,pwrite64,writev,rename,renameat,renameat2,link,linkat,mkdir,\
                     mkdirat,unlink,unlinkat,fsync,fdatasync";
/// In one step, and in parts.
const SIZES: [usize; 4] = [0, 100, 300_000, 3_000_000];

/// The test starts itself again under `strace`, with the folder in the environment.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the uploader is told its folder")]
fn an_upload_that_has_answered_survives_a_loss_of_power() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return upload_and_collect(&folder);
    }
    let temporary = tempfile::tempdir().unwrap();
    let (folder, trace) = (temporary.path().join("blobs"), temporary.path().join("trace"));
    let status = Command::new("strace")
        .args(["-f", "-y", "-s", "100", "-e", CALLS, "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(FOLDER, &folder)
        .status()
        .expect("strace is needed");
    assert!(status.success());
    let trace = String::from_utf8_lossy(&fs::read(&trace).unwrap()).into_owned();
    let answers = check(&trace, &folder.canonicalize().unwrap());
    assert_eq!(answers, 2 * (2 * SIZES.len()));
}

#[tokio::main(flavor = "current_thread")]
async fn upload_and_collect(folder: &OsString) {
    let store = Store::new(MemoryEngine::new());
    let blobs = Blobs::local(store.clone(), Tag(0x0060), Path::new(folder)).unwrap();
    let blobs = blobs.with_master_key(&[1; 32], Ids::from_seed(1));
    let mut ids = Vec::new();
    for (encryption, size) in
        [Encryption::None, Encryption::Sealed].into_iter().flat_map(|e| SIZES.map(|s| (e, s)))
    {
        let id = BlobId::from_random([ids.len() as u8 + 1; 16]);
        let mut tx = store.begin();
        blobs.intend(&mut tx, id, types::Timestamp::from_secs(1)).unwrap();
        tx.commit().await.unwrap();
        let mut upload = blobs.begin_upload(id, encryption).unwrap();
        upload.write(vec![7; size].into()).await.unwrap();
        upload.finish().await.unwrap();
        say(&format!("answered stored {id}\n"));
        ids.push(id);
    }
    for id in ids {
        blobs.collect(id, types::Timestamp::from_secs(2)).await.unwrap();
        say(&format!("answered deleted {id}\n"));
    }
}

/// In one call, which the trace has.
fn say(answer: &str) {
    std::io::stderr().write_all(answer.as_bytes()).unwrap();
}

/// What a loss of power would leave, as far as the trace tells: names whose folder was synced since,
/// of files that were synced since their last write.
#[derive(Default)]
struct Disk {
    /// Files that were written to and not synced since.
    unsynced: HashMap<String, bool>,
    /// Names that were given or removed since their folder was synced.
    unsynced_names: Vec<String>,
}

/// Replays the trace and asks at every answer; tells how many there are.
fn check(trace: &str, folder: &Path) -> usize {
    let (mut disk, mut answers) = (Disk::default(), 0);
    let root = folder.to_str().unwrap();
    for call in calls(trace) {
        if let Some((_, answer)) = call.split_once("answered ") {
            let (what, id) = answer.split_once(' ').unwrap();
            let id = &id[..32];
            let path = format!("{root}/{}/{id}", &id[..2]);
            disk.ask(what, &path);
            answers += 1;
        }
        disk.apply(&call, root);
    }
    answers
}

impl Disk {
    fn apply(&mut self, call: &str, root: &str) {
        let name = call.split('(').next().unwrap();
        let paths: Vec<&str> = call.split(['"', '<', '>']).filter(|p| p.starts_with('/')).collect();
        match name {
            "write" | "writev" | "pwrite64" => {
                if let Some(path) = paths.first().filter(|path| path.starts_with(root)) {
                    self.unsynced.insert((*path).to_owned(), true);
                }
            }
            "fsync" | "fdatasync" => {
                self.unsynced.insert(paths[0].to_owned(), false);
                self.unsynced_names
                    .retain(|name| Path::new(name).parent() != Some(Path::new(paths[0])));
            }
            _ => {
                if name.starts_with("rename") {
                    let synced = self.unsynced.remove(paths[0]).unwrap_or(false);
                    self.unsynced.insert(paths[1].to_owned(), synced);
                }
                self.unsynced_names.extend(paths.iter().map(|path| (*path).to_owned()));
            }
        }
    }

    fn ask(&self, what: &str, path: &str) {
        let folder = Path::new(path).parent().unwrap();
        for name in &self.unsynced_names {
            let of_this = Path::new(name) == Path::new(path) || Path::new(name) == folder;
            assert!(!of_this, "{what} {path}: {name} is not durable");
        }
        if what == "stored" {
            assert_eq!(self.unsynced.get(path), Some(&false), "{path} is not synced");
        }
    }
}

/// The calls that have succeeded, in the order of their ends, and of the answers' beginnings.
fn calls(trace: &str) -> Vec<String> {
    let mut unfinished = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let text = text.trim_start();
        if text.contains("answered ") {
            calls.push(text.to_owned());
        } else if let Some(begin) = text.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, begin.to_owned());
        } else if text.starts_with("<... ") {
            let begin = unfinished.remove(thread).unwrap_or_default();
            calls.push(begin + text.split_once("resumed>").map_or("", |(_, rest)| rest));
        } else {
            calls.push(text.to_owned());
        }
    }
    calls.retain(|call| !call.contains(" = -1 ") && call.contains('('));
    calls
}

const IN_ORDER: &str = "
1 write(5</b/01/01010101010101010101010101010101#1>, \"x\", 1) = 1
2 fsync(5</b/01/01010101010101010101010101010101#1>) = 0
2 rename(\"/b/01/01010101010101010101010101010101#1\", \"/b/01/01010101010101010101010101010101\") = 0
1 fsync(6</b/01> <unfinished ...>
1 <... fsync resumed>) = 0
1 write(2</dev/null>, \"answered stored 01010101010101010101010101010101\\n\", 1) = 1
";

#[test]
fn a_trace_in_order_is_accepted() {
    assert_eq!(check(IN_ORDER, Path::new("/b")), 1);
}

#[test]
#[should_panic(expected = "is not synced")]
fn a_file_that_is_not_synced_is_found() {
    check(&IN_ORDER.replace("2 fsync", "2 nothing"), Path::new("/b"));
}

#[test]
#[should_panic(expected = "is not durable")]
fn a_folder_that_is_synced_too_late_is_found() {
    let mut lines: Vec<&str> = IN_ORDER.lines().collect();
    lines.swap(5, 6);
    check(&lines.join("\n"), Path::new("/b"));
}
