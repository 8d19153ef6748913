//! From no instance to many: as many calls at once, each of which sleeps for a second. A call that
//! waits for its start takes an instance that becomes free, so where starting takes longer than the
//! second, fewer instances serve all.

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{Bench, bare, load, subject::Subject};
use crate::http::{
    connection::{Connection, Reply},
    report,
    template::{Expected, Template},
};

/// How long each call sleeps.
const SLEEP: Duration = Duration::from_secs(1);
/// How often each number is measured; the median is printed.
const RUNS: u32 = 3;
/// The most instances at once: the default of a node.
const MOST: usize = 1000;
/// What an instance may take, in bytes, when as many are wanted as the memory holds.
const EACH: u64 = 12 << 20;
/// The most plain processes that are started at once for the floor.
const MOST_BARE: usize = 100;
/// Time for the instances before to end.
const PAUSE: Duration = Duration::from_secs(2);

/// Prints what it took beyond the second, beside as many plain processes.
pub(super) async fn run(bench: &Bench<'_>, counts: &[usize]) -> Result<()> {
    let subject = Subject::Python;
    // It may be there from another part.
    let _ = bench.deployer.create(subject).await;
    report::line(&format!(
        "\n{:<16}{:>8}{:>11}{:>13}{:>15}{:>10}{:>8}",
        "0 to n at once", "n", "instances", "all less 1 s", "MB each (PSS)", "bare ms", "load"
    ));
    for &count in counts {
        let count = if count == 0 { as_memory_allows()? } else { count };
        let (mut all, mut each, mut instances) = (Vec::new(), 0.0, count);
        for number in 0..RUNS {
            bench.deployer.renew(subject, number).await?;
            tokio::time::sleep(PAUSE).await;
            let (took, served) = calls(bench, subject, count).await?;
            all.push(took.saturating_sub(SLEEP));
            instances = instances.min(served);
            each = report::shared_memory(bench.node.pid())? / count_as_float(served);
        }
        let bare = match count <= MOST_BARE {
            true => millis(bare::start(&bench.installed, subject, count)?),
            false => f64::NAN,
        };
        let (all, load) = (millis(middle(all)), load());
        report::line(&format!(
            "{:<16}{count:>8}{instances:>11}{all:>13.0}{each:>15.1}{bare:>10.0}{load:>8}",
            subject.name()
        ));
    }
    Ok(())
}

/// Makes so many calls at once. How long all took, and how many instances there were.
async fn calls(bench: &Bench<'_>, subject: Subject, count: usize) -> Result<(Duration, usize)> {
    let address = bench.node.access().address()?;
    let connections = try_join_all((0..count).map(|_| Connection::open(address))).await?;
    let mut templates = (0..count)
        .map(|number| template(&bench.deployer.host, subject, number))
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

fn template(host: &str, subject: Subject, number: usize) -> Result<Template> {
    let name = format!("caller {number}");
    let members = Map::from_iter([("hello".to_owned(), json!(name))]);
    Template::new(
        ("lambda", host, subject.path()),
        &[("content-type", "application/json")],
        &json!({"name": name, "sleep": SLEEP.as_secs()}),
        Expected::Members(members, &["instance"]),
    )
}

fn instance(reply: &Reply) -> Result<String> {
    let reply: Value = serde_json::from_slice(&reply.body)?;
    Ok(reply["instance"].as_str().context("the reply names no instance")?.to_owned())
}

/// How many instances half of the free memory holds.
fn as_memory_allows() -> Result<usize> {
    let text = std::fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let free = kilobytes.context("no MemAvailable")?.parse::<u64>()? * 1024;
    Ok(usize::try_from(free / 2 / EACH)?.min(MOST))
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a share to print")]
fn count_as_float(count: usize) -> f64 {
    count as f64
}
