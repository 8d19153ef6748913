//! Warm calls of 32 clients, beside the same clients at a hyper server that hands each body to the
//! same runtimes without walls. How many of those are best is not known beforehand: several numbers
//! are measured, and the one that Pileus has instances.

use anyhow::{Context, Result};
use std::{collections::BTreeMap, path::Path};

use super::{
    Bench,
    figures::{Counted, median},
    front::Front,
    load,
    program::{self, Ended},
    requests,
    subject::Subject,
};
use crate::http::{Operation, SLICE, WARM_UP, load::Tally, report, slice};

const CLIENTS: usize = 32;
/// Different requests of all clients.
const REQUESTS: usize = 256;
/// Numbers of runtimes that the floor is measured with, besides Pileus's own.
const BARE: [usize; 3] = [2, 4, 8];

/// A number of runtimes behind a front.
struct Floor {
    operation: Operation,
    rates: Vec<f64>,
    _programs: Vec<Ended>,
    _front: Front,
}

/// Prints calls a second and their part of the floors.
pub(super) async fn run(bench: &Bench<'_>, runs: u32, folder: &Path) -> Result<()> {
    report::line(&format!(
        "\n{:<22}{:>6}{:>11}{:>9}{:>9}{:>9}{:>20}{:>8}{:>18}{:>8}{:>7}",
        "warm, 32 clients",
        "runs",
        "instances",
        "calls/s",
        "p50 µs",
        "p99 µs",
        "bare, as many, /s",
        "ratio",
        "bare, best, /s",
        "ratio",
        "load"
    ));
    for subject in Subject::HELLO {
        measure(bench, subject, runs, folder).await?;
    }
    Ok(())
}

async fn measure(bench: &Bench<'_>, subject: Subject, runs: u32, folder: &Path) -> Result<()> {
    bench.deployer.provide(subject).await?;
    let calls = requests::hellos(&bench.deployer.host, subject, REQUESTS)?;
    let mut pileus = Operation::new("Invoke", bench.node.access().address()?, calls);
    // Once without measuring: the instances start.
    slice(&mut pileus, CLIENTS, SLICE, &bench.signer).await?;
    let instances = instances(bench, subject).await?;
    let mut floors = BTreeMap::new();
    for count in BARE.into_iter().chain([instances]) {
        let folder = folder.join(format!("throughput-{}", subject.name()));
        let mut floor = Floor::start(bench, subject, &folder, count, &pileus)?;
        slice(&mut floor.operation, CLIENTS, WARM_UP, &bench.signer).await?;
        floors.insert(count, floor);
    }
    let (mut tallies, mut rates) = (Tally::default(), Vec::new());
    for _ in 0..runs {
        let tally = slice(&mut pileus, CLIENTS, SLICE, &bench.signer).await?;
        rates.push(tally.rate());
        tallies.add(tally);
        for floor in floors.values_mut() {
            let tally = slice(&mut floor.operation, CLIENTS, SLICE, &bench.signer).await?;
            floor.rates.push(tally.rate());
        }
    }
    let floors = floors.into_iter().map(|(count, floor)| (count, median(floor.rates)));
    line((subject, runs, instances), median(rates), &mut tallies, &floors.collect())
}

impl Floor {
    fn start(
        bench: &Bench<'_>,
        subject: Subject,
        folder: &Path,
        count: usize,
        like: &Operation,
    ) -> Result<Self> {
        let front = Front::start()?;
        let programs = program::start(&bench.installed, subject, front.api, folder, count)?;
        let operation = Operation::new("bare", front.address, like.templates.clone());
        Ok(Self { operation, rates: Vec::new(), _programs: programs, _front: front })
    }
}

/// How many instances of the function have been started.
async fn instances(bench: &Bench<'_>, subject: Subject) -> Result<usize> {
    let counted = Counted::read(&bench.deployer.client).await?;
    let started =
        counted.value("pileus_function_cold_starts_total", &[("function", subject.name())]);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let started = started as usize;
    Ok(started.clamp(1, CLIENTS))
}

fn line(
    (subject, runs, instances): (Subject, u32, usize),
    rate: f64,
    tallies: &mut Tally,
    floors: &BTreeMap<usize, f64>,
) -> Result<()> {
    let best = floors.iter().max_by(|one, other| one.1.total_cmp(other.1));
    let (best, best_rate) = best.context("there is no floor")?;
    let equal = floors.get(&instances).context("there is no floor of as many")?;
    let [middle, slow] = [50, 99].map(|percent| tallies.percentile(percent));
    let (as_many, at_best) =
        (format!("{equal:.0} ({instances})"), format!("{best_rate:.0} ({best})"));
    report::line(&format!(
        "{:<22}{runs:>6}{instances:>11}{rate:>9.0}{middle:>9.0}{slow:>9.0}{as_many:>20}{:>8.2}\
         {at_best:>18}{:>8.2}{:>7}",
        subject.name(),
        rate / equal,
        rate / best_rate,
        load()
    ));
    Ok(())
}
