//! First calls, as their caller sees them: one at a time, each to a function whose configuration
//! has just changed, so that no instance can be used again.

use anyhow::{Context, Result};
use std::time::{Duration, Instant};

use super::{Bench, bare, load, requests, subject::Subject};
use crate::http::{connection::Connection, report};

/// Time for the instance before to end: its end is not part of what is measured.
const PAUSE: Duration = Duration::from_millis(200);

/// Prints the medians, each beside the start of the same runtime without walls.
pub(super) async fn run(bench: &Bench<'_>, starts: u32) -> Result<()> {
    report::line(&format!(
        "\n{:<16}{:>8}{:>12}{:>10}{:>10}{:>12}{:>8}",
        "cold Invoke", "starts", "p50 ms", "p90 ms", "max ms", "bare p50 ms", "load"
    ));
    for subject in Subject::ALL {
        bench.deployer.provide(subject).await?;
        let (mut cold, mut floor) = (Vec::new(), Vec::new());
        for number in 0..=starts {
            let took = first_call(bench, subject, number).await?;
            let without = bare::start(&bench.installed, subject, 1)?;
            // The first one reads the files into the page cache.
            if number > 0 {
                cold.push(took);
                floor.push(without);
            }
        }
        line(subject, cold, floor);
    }
    Ok(())
}

async fn first_call(bench: &Bench<'_>, subject: Subject, number: u32) -> Result<Duration> {
    bench.deployer.renew(subject, number).await?;
    tokio::time::sleep(PAUSE).await;
    let mut template = requests::hello(&bench.deployer.host, subject, usize::try_from(number)?)?;
    let mut connection = Connection::open(bench.node.access().address()?).await?;
    let request = template.request(&bench.signer)?.to_vec();
    let began = Instant::now();
    let reply = connection.exchange(&request).await.with_context(|| subject.name())?;
    let took = began.elapsed();
    template.check(&reply).with_context(|| subject.name())?;
    Ok(took)
}

fn line(subject: Subject, mut cold: Vec<Duration>, mut floor: Vec<Duration>) {
    cold.sort_unstable();
    floor.sort_unstable();
    let at = |times: &[Duration], percent: usize| {
        let index = times.len().saturating_sub(1) * percent / 100;
        times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    let (name, count, load) = (subject.name(), cold.len(), load());
    let [middle, slow, worst] = [50, 90, 100].map(|percent| at(&cold, percent));
    let bare = at(&floor, 50);
    report::line(&format!(
        "{name:<16}{count:>8}{middle:>12.1}{slow:>10.1}{worst:>10.1}{bare:>12.1}{load:>8}"
    ));
}
