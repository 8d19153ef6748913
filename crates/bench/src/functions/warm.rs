//! A warm call with one client, and what it adds to the round trip of the runtime itself: the same
//! program with its own bootstrap, without walls, which is handed the same events by a bare Runtime
//! API in this process.

use anyhow::{Result, ensure};
use bytes::Bytes;
use serde_json::Value;
use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{
    Bench, figures::median, load, program, requests, runtime_api::RuntimeApi, subject::Subject,
};
use crate::http::{
    Operation, SLICE, WARM_UP, empty::EmptyServer, load::Tally, report, slice, template::Expected,
};

/// Different requests of the one client.
const REQUESTS: usize = 32;

/// Prints p50 and p99, and what of them is not the runtime's.
pub(super) async fn run(bench: &Bench<'_>, runs: u32, folder: &Path) -> Result<()> {
    report::line(&format!(
        "\n{:<22}{:>6}{:>9}{:>9}{:>13}{:>13}{:>13}{:>7}",
        "warm Invoke, 1 client",
        "runs",
        "p50 µs",
        "p99 µs",
        "bare p50 µs",
        "bare p99 µs",
        "added p50 µs",
        "load"
    ));
    let address = bench.node.access().address()?;
    let host = &bench.deployer.host;
    let empty = EmptyServer::start()?;
    for subject in Subject::HELLO {
        bench.deployer.provide(subject).await?;
        let calls = requests::hellos(host, subject, REQUESTS)?;
        let nothing = Expected::Document(serde_json::json!({}));
        let empties = calls.iter().map(|call| call.expecting(nothing.clone())).collect();
        let mut pileus = Operation::new("Invoke", address, calls);
        let mut floor = Operation::new("empty answer of hyper", empty.address(), empties);
        let api = RuntimeApi::start().await?;
        let folder = folder.join(format!("warm-{}", subject.name()));
        let program = program::start(&bench.installed, subject, api.address(), &folder, 1)?;
        slice(&mut pileus, 1, WARM_UP, &bench.signer).await?;
        round_trips(&api, WARM_UP).await?;
        let mut figures = [const { Vec::new() }; 5];
        for _ in 0..runs {
            let mut called = slice(&mut pileus, 1, SLICE, &bench.signer).await?;
            let mut bare = round_trips(&api, SLICE).await?;
            let mut nothing = slice(&mut floor, 1, SLICE, &bench.signer).await?;
            let at = |tally: &mut Tally| [50, 99].map(|percent| tally.percentile(percent));
            let [both, own] = [at(&mut called), at(&mut bare)];
            let values = [both[0], both[1], own[0], own[1], nothing.percentile(50)];
            figures.iter_mut().zip(values).for_each(|(all, value)| all.push(value));
        }
        drop(program);
        let [middle, slow, bare, bare_slow, nothing] = figures.map(median);
        report::line(&format!(
            "{:<22}{runs:>6}{middle:>9.0}{slow:>9.0}{bare:>13.0}{bare_slow:>13.0}{:>13.0}{:>7}   \
             (an empty answer of hyper: {nothing:.0})",
            subject.name(),
            middle - bare,
            load()
        ));
    }
    Ok(())
}

/// Hands events to the runtime, one after the other, and checks its answers.
async fn round_trips(api: &RuntimeApi, time: Duration) -> Result<Tally> {
    let events: Vec<(Bytes, Value)> = (0..REQUESTS)
        .map(requests::named)
        .map(|(event, answer)| (Bytes::from(event.to_string()), answer))
        .collect();
    let (mut latencies, began) = (Vec::new(), Instant::now());
    for (event, answer) in events.iter().cycle() {
        if !latencies.is_empty() && began.elapsed() >= time {
            break;
        }
        let start = Instant::now();
        let body = api.call(event.clone()).await?;
        latencies.push(u64::try_from(start.elapsed().as_nanos())?);
        ensure!(serde_json::from_slice::<Value>(&body)? == *answer, "a bare answer is wrong");
    }
    Ok(Tally::new(latencies, began.elapsed()))
}
