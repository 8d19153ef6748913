//! A load of every kind for as long as is wanted, while instances are killed at random. In the end
//! every event that was acknowledged must have been seen by its function or lie where failures go,
//! none may wait, those of a group must have come in order, and nothing of the host may be left with
//! the node. There is no peer beside it: what it counts is right or wrong.

mod account;
mod footprint;
mod load;
mod setup;

use anyhow::{Result, ensure};
use clock::SystemClock;
use rustix::process::{getpid, set_child_subreaper};
use std::{
    cell::RefCell,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{deploy::Deployer, figures::Counted};
use crate::http::{node::Node, report};
use account::Found;
use footprint::Footprint;
use load::{Load, Sent};

/// Time for instances to end whose functions are deleted.
const END: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(200);
/// What a node may keep ready for functions to come: more instances than before of that kind are no
/// leak, and each kill that leaked would be above it soon.
const READY: usize = 16;
/// How many of what is wrong are printed.
const SHOWN: usize = 10;

/// Runs it, and fails if anything is not as it should be.
pub(super) fn run(
    runtime: &tokio::runtime::Runtime,
    binary: &Path,
    data: &Path,
    minutes: f64,
) -> Result<()> {
    // Whatever the node leaves behind becomes a child of this process.
    set_child_subreaper(Some(getpid()))?;
    report::line(&format!("\nmixed load with kills for {minutes} minutes"));
    let node = Node::start(binary, data)?;
    let last = runtime.block_on(load(&node, minutes))?;
    node.stop()?;
    let (began, mut left) = (Instant::now(), last.left(data)?);
    while !left.is_empty() && began.elapsed() < END {
        std::thread::sleep(LOOK);
        left = last.left(data)?;
    }
    ensure!(left.is_empty(), "left by the node: {}", shown(&left));
    report::line("nothing of it is left after the node has ended");
    Ok(())
}

async fn load(node: &Node, minutes: f64) -> Result<Footprint> {
    let deployer = Deployer::new(node.access(), Arc::new(SystemClock::default())).await?;
    let client = &deployer.client;
    let before = Footprint::of(node.pid())?;
    report::line(&format!("{:<34}{before}", "before"));
    let app = setup::run(&deployer).await?;
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let sent = RefCell::default();
    let load = Load { client, app: &app, node: node.pid(), end, sent };
    load.run().await?;
    let sent = load.sent.into_inner();
    report::line(&format!("{:<34}{}", "under load", Footprint::of(node.pid())?));
    told(&sent);
    let began = Instant::now();
    let stuck = account::drain(client, &app).await?;
    report::print("until nothing waited any more", began.elapsed().as_secs_f64(), "s");
    let found = account::find(client, &app).await?;
    let wrong = judge(&sent, &found, stuck);
    app.remove_functions(client).await?;
    let last = settle(node.pid(), client, &before).await?;
    report::line(&format!("{:<34}{last}", "after the last instance"));
    ensure!(wrong.is_empty(), "{}", shown(&wrong));
    ensure!(last.is_within(&before, READY), "more than before is left: {last}; before {before}");
    Ok(last)
}

fn told(sent: &Sent) {
    let [events, standard, fifo] = [0, 1, 2].map(|kind| sent.acknowledged[kind].len());
    report::line(&format!(
        "acknowledged: {events} events, {standard} messages, {fifo} in order; {} always fail; {} kills",
        sent.poison.len(),
        sent.kills
    ));
    report::line(&format!(
        "answered: {} calls ({} failed), {} requests ({} failed); the longest took {:.1} s",
        sent.calls,
        sent.failed,
        sent.requests,
        sent.refused,
        sent.longest.as_secs_f64()
    ));
}

/// All that is not as it should be.
fn judge(sent: &Sent, found: &Found, stuck: Option<String>) -> Vec<String> {
    let mut wrong: Vec<String> = stuck.map(|what| format!("stuck: {what}")).into_iter().collect();
    let all = || sent.acknowledged.iter().flatten();
    let lost = all().filter(|id| !found.seen.contains(*id) && !found.ended.contains(*id));
    wrong.extend(lost.map(|id| format!("lost: {id}")));
    let survived = sent.poison.iter().filter(|id| !found.ended.contains(*id));
    wrong.extend(survived.map(|id| format!("failed and is not where failures go: {id}")));
    for (group, first, after) in &found.gaps {
        // One that was killed each time it was tried has gone to its end unseen.
        let missing = (*first..*after).map(|number| load::id_in_group(group, number));
        let unexcused: Vec<_> = missing.filter(|id| !found.ended.contains(id)).collect();
        wrong.extend(unexcused.iter().map(|id| format!("overtaken: {id}")));
    }
    if sent.failed + sent.refused > sent.kills {
        wrong.push("more callers were failed than instances killed".to_owned());
    }
    let killed = found.ended.iter().filter(|id| !sent.poison.contains(*id)).count();
    report::line(&format!(
        "seen: {}; where failures go: {} of those that always fail, {killed} others",
        all().filter(|id| found.seen.contains(*id)).count(),
        sent.poison.iter().filter(|id| found.ended.contains(*id)).count(),
    ));
    wrong
}

/// Waits until no instance is left and the host is as before, or long enough.
async fn settle(node: u32, client: &client::Client, before: &Footprint) -> Result<Footprint> {
    let began = Instant::now();
    loop {
        let instances = Counted::read(client).await?.value("pileus_instances", &[]);
        let now = Footprint::of(node)?;
        let is_quiet = instances < 1.0 && now.is_within(before, READY);
        if is_quiet || began.elapsed() > END {
            ensure!(instances < 1.0, "{instances} instances of deleted functions are left");
            return Ok(now);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn shown(wrong: &[String]) -> String {
    let more = wrong.len().saturating_sub(SHOWN);
    let mut text = wrong.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n");
    if more > 0 {
        text.push_str(&format!("\nand {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> std::collections::BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_lost_stuck_or_overtaken_is_wrong_and_what_ended_is_not() {
        let acknowledged = [ids(&["a", "b"]), ids(&["c"]), ids(&["message 1 8", "message 1 16"])];
        let sent = Sent { acknowledged, poison: ids(&["c"]), ..Sent::default() };
        let mut found = Found {
            seen: ids(&["a", "c", "message 1 16"]),
            ended: ids(&["b", "c", "message 1 8"]),
            gaps: vec![("0".to_owned(), 1, 2)],
        };
        assert!(judge(&sent, &found, None).is_empty());
        assert_eq!(judge(&sent, &found, Some("x".to_owned())), ["stuck: x"]);
        found.ended = ids(&[]);
        assert_eq!(
            judge(&sent, &found, None),
            [
                "lost: b",
                "lost: message 1 8",
                "failed and is not where failures go: c",
                "overtaken: message 1 8",
            ]
        );
        let failed = Sent { failed: 1, ..Sent::default() };
        assert_eq!(judge(&failed, &Found::default(), None).len(), 1);
    }
}
