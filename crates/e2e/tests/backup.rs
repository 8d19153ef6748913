//! `pileus backup`, `restore` and `check` with the real binary.

use anyhow::{Context, Result, bail, ensure};
use e2e::{Node, binary, run};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// The pairs that `backup_load.py` moves between.
const PAIRS: usize = 3;
/// How many moves of each are acknowledged before the backup.
const BEFORE: u64 = 20;

#[test]
fn a_backup_under_load_restores_to_a_whole_installation_and_damage_is_found() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    let mut node = Node::start(&data)?;
    let before = back_up_under_load(&node, &backup)?;
    ensure!(findings(node.pileus(&["check", "--json", "--data", text(&data)?])?)?.is_empty());
    node.stop()?;

    let copy = folder.path().join("copy");
    let refused = pileus(&["restore", text(&backup)?, "--data", text(&copy)?]);
    ensure!(refused.is_err_and(|error| error.to_string().contains("master key")), "without a key");
    fs::create_dir_all(&copy)?;
    fs::copy(data.join("master.key"), copy.join("master.key"))?;
    let restored: Value = serde_json::from_str(&pileus(&[
        "restore",
        text(&backup)?,
        "--json",
        "--data",
        text(&copy)?,
    ])?)?;
    ensure!(restored["blobs"] == 1, "{restored}");
    let again = pileus(&["restore", text(&backup)?, "--data", text(&copy)?]);
    ensure!(again.is_err_and(|error| error.to_string().contains("nothing is restored over it")));

    let mut node = Node::start(&copy)?;
    let mut verify = node.python_command("backup_verify.py");
    run(verify.args(before.iter().map(u64::to_string)))?;
    node.stop()?;

    // Offline, and with one blob that is gone and one that is nobody's.
    ensure!(findings(pileus(&["check", "--json", "--data", text(&copy)?])?)?.is_empty());
    let blob = only_blob(&copy.join("blobs"))?;
    fs::rename(&blob, blob.with_file_name("f".repeat(32)))?;
    let printed = Command::new(binary()?)
        .args(["check", "--json", "--data", text(&copy)?])
        .output()
        .context("pileus cannot be started")?;
    ensure!(printed.status.code() == Some(1), "damage is a failure");
    let kinds = findings(String::from_utf8(printed.stdout)?)?;
    // The orphan may be younger than what the clocks of a storage may differ by.
    ensure!(kinds.contains(&"missing-blob".to_owned()), "{kinds:?}");
    Ok(())
}

/// Backs up while three threads write; the answer is what was acknowledged before.
fn back_up_under_load(node: &Node, backup: &Path) -> Result<Vec<u64>> {
    let mut load = node
        .python_command("backup_load.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(load.stdout.take().context("no output")?).lines();
    let mut acknowledged = [0; PAIRS];
    while acknowledged.iter().any(|count| *count < BEFORE) {
        let line = lines.next().context("the load has ended")??;
        let ["ack", pair, count] = line.split(' ').collect::<Vec<_>>()[..] else { bail!("{line}") };
        *acknowledged.get_mut(pair.parse::<usize>()?).context("a pair")? = count.parse()?;
    }
    // What it prints from now on, nobody reads: the pipe takes far more than the backup lasts.
    let data = text(node.data())?;
    let done = node.pileus(&["backup", text(backup)?, "--json", "--data", data])?;
    let done: Value = serde_json::from_str(&done)?;
    ensure!(done["blobs"] == 1 && done["entries"].as_u64() > Some(30), "{done}");
    load.kill()?;
    load.wait()?;
    Ok(acknowledged.to_vec())
}

fn findings(printed: String) -> Result<Vec<String>> {
    let printed: Value = serde_json::from_str(&printed)?;
    let findings = printed["findings"].as_array().context("findings")?;
    Ok(findings.iter().filter_map(|found| Some(found["kind"].as_str()?.to_owned())).collect())
}

fn only_blob(folder: &Path) -> Result<std::path::PathBuf> {
    for entry in fs::read_dir(folder)? {
        if let Some(file) = fs::read_dir(entry?.path())?.next() {
            return Ok(file?.path());
        }
    }
    bail!("there is no blob")
}

fn pileus(arguments: &[&str]) -> Result<String> {
    run(Command::new(binary()?).args(arguments))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}
