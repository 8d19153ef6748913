//! `kill -9` in the middle of load: nothing that was acknowledged is lost, and nothing of the dead
//! node stays behind.

mod leftovers;

use anyhow::{Context, Result, ensure};
use e2e::{Node, bring_runtimes, run};
use leftovers::Footprint;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

/// Acknowledgements of one run before the kill.
const BEFORE_KILL: usize = 150;

#[test]
fn kill_9_under_load_loses_nothing_that_was_acknowledged_and_leaves_nothing_behind() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    let listen = node.endpoint().trim_start_matches("http://").to_owned();
    node.python("crash_setup.py")?;
    let mut acknowledged = Vec::new();
    for round in ["first", "second", "third"] {
        let footprint;
        (acknowledged, footprint) = load_until_killed(&mut node, round, acknowledged)?;
        footprint.wait_until_gone(data.path())?;
        node = Node::start_at(data.path(), &listen)?;
        footprint.ensure_groups_are_gone()?;
    }
    verify(&node, &acknowledged)?;
    let footprint = Footprint::of(node.pid())?;
    node.stop()?;
    footprint.wait_until_gone(data.path())?;
    footprint.ensure_groups_are_gone()
}

/// Adds to `acknowledged` what a load on the node is told until the node is killed.
fn load_until_killed(
    node: &mut Node,
    round: &str,
    mut acknowledged: Vec<String>,
) -> Result<(Vec<String>, Footprint)> {
    let mut load = node.python_command("crash_load.py");
    let mut load = load.arg(round).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(load.stdout.take().context("no output")?).lines();
    let mut count = 0;
    // The function starts some time after the load: a kill before would prove less.
    while count < BEFORE_KILL || !Footprint::of(node.pid())?.has_instances() {
        acknowledged.push(lines.next().context("the load has ended before the kill")??);
        count += 1;
    }
    // A stopped node starts no more instances, so what is seen is all that it has.
    run(Command::new("kill").args(["-STOP", &node.pid().to_string()]))?;
    let footprint = Footprint::of(node.pid())?;
    node.kill()?;
    for line in lines {
        acknowledged.push(line?);
    }
    ensure!(load.wait()?.success(), "the load failed");
    Ok((acknowledged, footprint))
}

fn verify(node: &Node, acknowledged: &[String]) -> Result<()> {
    let mut verify = node.python_command("crash_verify.py");
    let mut verify = verify.stdin(Stdio::piped()).spawn()?;
    let mut input = verify.stdin.take().context("no input")?;
    input.write_all(acknowledged.join("\n").as_bytes())?;
    drop(input);
    ensure!(verify.wait()?.success(), "not all that was acknowledged is there");
    Ok(())
}
