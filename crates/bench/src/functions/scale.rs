//! From no instance to many: as many calls at once, each of which sleeps for a second. A call that
//! waits for its start takes an instance that becomes free, so where starting takes longer than the
//! second, fewer instances serve all.

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    Bench, bare,
    figures::{Counted, float, median, millis},
    load, requests,
    subject::Subject,
};
use crate::http::{
    connection::{Connection, Reply},
    report,
};

/// How long each call sleeps.
const SLEEP: Duration = Duration::from_secs(1);
/// How often each number is measured; the medians are printed.
const RUNS: u32 = 3;
/// The most instances at once: the default of a node.
const MOST: usize = 1000;
/// What an instance may take, in megabytes: how many the memory holds follows from it, unless those
/// before have taken less.
const EACH: f64 = 12.0;
/// A start that waited longer than this for its turn, in seconds, was queued behind another. A
/// bucket of the node's own spread.
const QUEUED: f64 = 0.001;
/// Time for the instances before to end.
const PAUSE: Duration = Duration::from_secs(2);

/// What one run has shown.
struct Shown {
    /// All but the second that each call sleeps.
    took: Duration,
    instances: usize,
    megabytes: f64,
    starts: f64,
    queued: f64,
}

/// Prints what it took beyond the second, beside as many plain processes.
pub(super) async fn run(bench: &Bench<'_>, counts: &[usize]) -> Result<()> {
    let subject = Subject::Python;
    bench.deployer.provide(subject).await?;
    report::line(&format!(
        "\n{:<16}{:>6}{:>6}{:>11}{:>15}{:>12}{:>15}{:>9}{:>8}{:>18}{:>7}",
        "0 to n at once",
        "n",
        "runs",
        "instances",
        "all less 1 s",
        "worst",
        "MB each (PSS)",
        "starts",
        "queued",
        "n bare processes",
        "load"
    ));
    let mut each = EACH;
    for &count in counts {
        let count = if count == 0 { as_memory_allows(each)? } else { count };
        let mut all = Vec::new();
        for number in 0..RUNS {
            bench.deployer.renew(subject, number).await?;
            tokio::time::sleep(PAUSE).await;
            all.push(once(bench, subject, count).await?);
        }
        // The next ones must not share the memory with these.
        bench.deployer.renew(subject, RUNS).await?;
        tokio::time::sleep(PAUSE).await;
        let bare = millis(bare::start(&bench.installed, subject, count)?);
        each = middle(&all, |shown| shown.megabytes).min(EACH);
        line(count, &all, bare);
    }
    Ok(())
}

async fn once(bench: &Bench<'_>, subject: Subject, count: usize) -> Result<Shown> {
    let client = &bench.deployer.client;
    let phase = [("phase", "queue")];
    let family = "pileus_cold_start_seconds";
    let before = Counted::read(client).await?.above(family, &phase, QUEUED);
    let (took, instances) = calls(bench, subject, count).await?;
    let after = Counted::read(client).await?.above(family, &phase, QUEUED);
    Ok(Shown {
        took: took.saturating_sub(SLEEP),
        instances,
        megabytes: report::shared_memory(bench.node.pid())? / float(instances),
        starts: after[0] - before[0],
        queued: after[1] - before[1],
    })
}

fn middle(all: &[Shown], of: impl Fn(&Shown) -> f64) -> f64 {
    median(all.iter().map(of).collect())
}

fn line(count: usize, all: &[Shown], bare: f64) {
    let took = middle(all, |shown| millis(shown.took));
    let worst = all.iter().map(|shown| millis(shown.took)).fold(0.0, f64::max);
    let instances = all.iter().map(|shown| shown.instances).min().unwrap_or_default();
    let (each, starts) = (middle(all, |shown| shown.megabytes), middle(all, |shown| shown.starts));
    let (queued, load) = (middle(all, |shown| shown.queued), load());
    report::line(&format!(
        "{:<16}{count:>6}{RUNS:>6}{instances:>11}{took:>12.0} ms{worst:>9.0} ms{each:>15.1}\
         {starts:>9.0}{queued:>8.0}{bare:>15.0} ms{load:>7}",
        Subject::Python.name()
    ));
}

/// Makes so many calls at once. How long all took, and how many instances there were.
async fn calls(bench: &Bench<'_>, subject: Subject, count: usize) -> Result<(Duration, usize)> {
    let address = bench.node.access().address()?;
    let connections = try_join_all((0..count).map(|_| Connection::open(address))).await?;
    let mut templates = (0..count)
        .map(|number| requests::sleeping(&bench.deployer.host, subject, number, SLEEP.as_secs()))
        .collect::<Result<Vec<_>>>()?;
    let mut requests = Vec::new();
    for template in &mut templates {
        requests.push(template.request(&bench.signer)?.to_vec());
    }
    let began = Instant::now();
    let calls = connections
        .into_iter()
        .zip(&requests)
        .map(|(mut connection, request)| async move { connection.exchange(request).await });
    let replies = try_join_all(calls).await?;
    let took = began.elapsed();
    let mut instances = BTreeSet::new();
    for (reply, template) in replies.iter().zip(&mut templates) {
        template.check(reply)?;
        instances.insert(instance(reply)?);
    }
    Ok((took, instances.len()))
}

fn instance(reply: &Reply) -> Result<String> {
    let reply: Value = serde_json::from_slice(&reply.body)?;
    Ok(reply["instance"].as_str().context("the reply names no instance")?.to_owned())
}

/// How many instances of so many megabytes half of the free memory holds.
fn as_memory_allows(each: f64) -> Result<usize> {
    let text = std::fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let free = kilobytes.context("no MemAvailable")?.parse::<f64>()? / 1024.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let count = (free / 2.0 / each) as usize;
    Ok(count.clamp(1, MOST))
}
