//! Damage to what was acknowledged is refused at open, wherever it is.

use std::fs;
use std::path::Path;

use kv::{Entry, Error, Store};

use super::{all, copy, files, open, put, runtime};
use crate::Options;
use crate::disk::SystemDisk;
use crate::frame::Write;
use crate::log::{Log, Position};

const PAGE: usize = 4096;

/// Ways to damage a page.
const DAMAGES: [fn(&mut [u8]); 3] = [
    |page| page.fill(0),
    |page| page.iter_mut().for_each(|byte| *byte = !*byte),
    |page| {
        let middle = page.len() / 2;
        page[middle] ^= 1;
    },
];

/// Calls `check` with `folder` once for each way to damage each page of `file` in it.
fn damage_pages(file: &Path, mut check: impl FnMut(usize)) {
    let intact = fs::read(file).unwrap();
    for page in 0..intact.len().div_ceil(PAGE) {
        let end = intact.len().min((page + 1) * PAGE);
        for damage in DAMAGES {
            let mut bytes = intact.clone();
            damage(&mut bytes[page * PAGE..end]);
            if bytes != intact {
                fs::write(file, &bytes).unwrap();
                check(page);
            }
        }
    }
    fs::write(file, intact).unwrap();
}

/// A store with `count` entries of about 200 bytes, closed.
fn fill(path: &Path, options: Options, count: u64) -> Vec<Entry> {
    runtime().block_on(async {
        let store = open(path, options).unwrap();
        for number in 0..count {
            put(&store, number, &number.to_string().repeat(60)).await.unwrap();
        }
        all(&store).await.unwrap()
    })
}

fn assert_corrupt(opened: Result<Store, Error>, what: &str) {
    assert!(matches!(opened, Err(Error::Corrupt(_))), "{what}: {opened:?}");
}

#[test]
fn a_zeroed_or_flipped_page_anywhere_in_the_log_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), Options::default(), 300);
    let logs = files(&folder.path().join("log"));
    assert_eq!(logs.len(), 1);
    assert!(fs::metadata(&logs[0]).unwrap().len() > 10 * PAGE as u64);
    damage_pages(&logs[0], |page| {
        assert_corrupt(open(folder.path(), Options::default()), &format!("page {page}"));
    });
    assert!(open(folder.path(), Options::default()).is_ok());
}

/// After a power loss the side file's bound may be old: then what follows the damage tells.
#[test]
fn damage_before_the_last_batch_is_refused_without_a_bound() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), Options::default(), 300);
    fs::remove_file(folder.path().join("acknowledged")).unwrap();
    crate::acknowledged::Acknowledged::create(&SystemDisk, folder.path()).unwrap();
    let log = files(&folder.path().join("log")).remove(0);
    let pages = fs::read(&log).unwrap().len().div_ceil(PAGE);
    let mut refused = 0;
    damage_pages(&log, |page| {
        if page + 2 < pages {
            assert_corrupt(open(folder.path(), Options::default()), &format!("page {page}"));
            refused += 1;
        }
    });
    assert!(refused > 30);
}

/// The side file's bound finds what nothing follows.
#[test]
fn a_log_cut_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), Options::default(), 20);
    let log = files(&folder.path().join("log")).remove(0);
    let intact = fs::read(&log).unwrap();
    for length in (0..intact.len()).step_by(7).chain([intact.len() - 1]) {
        fs::write(&log, &intact[..length]).unwrap();
        assert_corrupt(open(folder.path(), Options::default()), &format!("{length} bytes"));
    }
    fs::remove_file(&log).unwrap();
    assert_corrupt(open(folder.path(), Options::default()), "no log");
}

#[test]
fn a_damaged_side_file_or_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), Options::default(), 5);
    for name in ["acknowledged", "format"] {
        let file = folder.path().join(name);
        damage_pages(&file, |_| {
            assert_corrupt(open(folder.path(), Options::default()), name);
        });
        let intact = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert_corrupt(open(folder.path(), Options::default()), &format!("no {name}"));
        fs::write(&file, intact).unwrap();
        assert!(open(folder.path(), Options::default()).is_ok());
    }
}

/// What an interrupted batch leaves was never acknowledged.
#[test]
fn an_unfinished_batch_at_the_end_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let expected = fill(folder.path(), Options::default(), 20);
    let log = files(&folder.path().join("log")).remove(0);
    let intact = fs::read(&log).unwrap();
    let mut next = Vec::new();
    let write = Write { version: 99, key: super::key(99), value: Some(vec![1; 9000].into()) };
    crate::frame::encode(&mut next, 21, &[write]);
    let mut tails: Vec<Vec<u8>> =
        [1, 23, 24, 25, 4096, next.len() - 1].iter().map(|&end| next[..end].to_vec()).collect();
    tails.push(vec![0; 5000]);
    // The pages of a batch need not arrive in order.
    let mut without_first = next.clone();
    without_first[..PAGE].fill(0);
    tails.push(without_first);
    for tail in tails {
        fs::write(&log, [&intact[..], &tail].concat()).unwrap();
        runtime().block_on(async {
            let store = open(folder.path(), Options::default()).unwrap();
            assert_eq!(all(&store).await.unwrap(), expected);
            put(&store, 0, &"0".repeat(60)).await.unwrap();
        });
        fs::write(&log, &intact).unwrap();
        fs::remove_file(folder.path().join("acknowledged")).unwrap();
        crate::acknowledged::Acknowledged::create(&SystemDisk, folder.path()).unwrap();
    }
}

#[test]
fn damage_in_a_log_of_several_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let disk = std::sync::Arc::new(SystemDisk);
    let read = |checkpoint| {
        let mut found = Vec::new();
        let apply = |writes: Vec<Write>| found.extend(writes.iter().map(|write| write.version));
        Log::open(disk.clone(), path.clone(), checkpoint, apply).map(|log| (log.last(), found))
    };
    Log::create(&*disk, &path).unwrap();
    let mut log = Log::open(disk.clone(), path.clone(), Position::default(), drop).unwrap();
    for version in 1..=30 {
        let value = Some(vec![9; 1000].into());
        log.append(&[Write { version, key: super::key(version), value }]).unwrap();
        if version % 10 == 0 {
            log.rotate().unwrap();
        }
    }
    let last = Position { sequence: 30, version: 30 };
    assert_eq!(read(Position::default()), Ok((last, (1..=30).collect())));
    let checkpoint = Position { sequence: 17, version: 17 };
    assert_eq!(read(checkpoint), Ok((last, (18..=30).collect())));
    for file in files(&path) {
        damage_pages(&file, |page| {
            let opened = read(Position::default());
            assert!(matches!(opened, Err(Error::Corrupt(_))), "{page} of {file:?}: {opened:?}");
        });
        let intact = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        // Without its last, empty file the log is as it was before that file was made.
        let opened = read(Position::default());
        assert_eq!(opened.is_ok(), intact.is_empty(), "without {file:?}: {opened:?}");
        fs::write(&file, intact).unwrap();
    }
    crate::log::remove_through(&path, 17).unwrap();
    assert_eq!(files(&path).len(), 3);
    assert!(read(Position::default()).is_err());
    assert_eq!(read(checkpoint), Ok((last, (18..=30).collect())));
}

/// Table files are checked block by block as they are read: a damaged one gives an error, or (where
/// the damage hits nothing that is used) all that was written, but never anything else.
#[test]
fn a_damaged_page_of_a_table_file_never_changes_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (intact, path) = (folder.path().join("intact"), folder.path().join("damaged"));
    let options = Options { memtable_bytes: 8 * 1024, ..Options::default() };
    let expected = fill(&intact, options, 150);
    let runtime = runtime();
    let (mut refused, mut served) = (0, 0);
    for file in files(&intact.join("tables")) {
        let name = file.strip_prefix(&intact).unwrap();
        copy(&intact, &path);
        damage_pages(&path.join(name), |page| {
            let damaged = fs::read(path.join(name)).unwrap();
            let read = std::panic::catch_unwind(|| {
                runtime.block_on(async { all(&open(&path, options)?).await })
            });
            match read {
                Ok(Ok(found)) => {
                    assert_eq!(found, expected, "page {page} of {name:?}");
                    served += 1;
                }
                Ok(Err(_)) | Err(_) => refused += 1,
            }
            copy(&intact, &path);
            fs::write(path.join(name), damaged).unwrap();
        });
    }
    assert!(refused > 20, "{refused} refused, {served} served");
}
