//! `pileus check`

use crate::{
    error::Error,
    host::Host,
    output,
    session::Session,
    whole::{self, Bar, Remote},
};
use backup::{Finding, Progress, Step};
use serde_json::json;
use std::{cell::RefCell, process::ExitCode};

const EXAMPLES: &str = "\
Examples:
  pileus check
  pileus check --data /var/lib/pileus --json

It reads every record of one moment, and the names and sizes of all blobs, while the installation goes
on serving. The status is 1 if anything is found.";

/// The flags of `pileus check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    #[command(flatten)]
    key: whole::Key,
}

/// What is known so far.
#[derive(Default)]
struct Seen {
    findings: Vec<Finding>,
    entries: u64,
    blobs: u64,
}

/// Asks the running installation to check itself, or opens the data folder if none runs.
pub(crate) fn run(command: &Check, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    let bar = Bar::new("check", session);
    let seen = RefCell::new(Seen::default());
    let take = |step: Step| {
        let mut seen = seen.borrow_mut();
        (seen.entries, seen.blobs) = (step.entries, step.blobs);
        bar.show(&Progress { entries: step.entries, blobs: step.blobs, ..Progress::default() });
        seen.findings.extend(step.findings);
    };
    match Remote::find(session)? {
        Some(remote) => session.block_on(check(&remote, &take))?,
        None => host.check(&command.key.place(session), &take)?,
    }
    bar.finish();
    let Seen { findings, entries, blobs } = seen.into_inner();
    if session.json() {
        output::json(&json!({"entries": entries, "blobs": blobs, "findings": findings}))?;
    } else {
        for Finding { kind, what } in &findings {
            let kind = serde_json::to_value(kind).unwrap_or_default();
            output::line(&format!("{}: {what}", kind.as_str().unwrap_or_default()))?;
        }
        let found = match findings.len() {
            0 => output::good("nothing is damaged"),
            count => output::bad(&format!("{count} findings")),
        };
        output::note(&format!("{entries} entries and {blobs} blobs: {found}"));
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(remote: &Remote, take: &dyn Fn(Step)) -> Result<(), Error> {
    let snapshot = remote.begin().await?;
    loop {
        let step = snapshot.check().await?;
        let done = step.done;
        take(step);
        if done {
            return snapshot.end().await;
        }
    }
}
