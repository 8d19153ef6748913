//! `pileus dev`
//!
//! Deploys a template, then watches its folder and deploys again what was saved: through the stack,
//! in the same sandboxes as in production, so that nothing has to be put right afterwards. Beside it
//! runs what the functions print.

mod node;
mod seen;
mod syntax;
mod tail;
mod watch;

use crate::{
    deploy::{self, Deploy, Memory, Report},
    error::Error,
    host::{Host, Isolation},
    output,
    session::{Session, event_loop},
    stop::Stop,
};
use node::Node;
use std::{
    collections::BTreeSet, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration,
};
use tail::Tail;
use watch::Watch;

const EXAMPLES: &str = "\
Examples:
  pileus dev
  pileus dev backend/template.yaml --parameter-overrides Stage=dev

It uses the installation that runs, else starts one on the data folder and ends it with Ctrl-C; what
was deployed stays there. Each saved change of the template or of code is deployed through the stack,
which updates only what it changed. Dependencies are installed again when their manifest changes. An
error is shown, and what was there before stays.";

/// The flags of `pileus dev`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dev {
    #[command(flatten)]
    deploy: Deploy,
    /// Where an installation that it starts listens [default: as before, else 127.0.0.1:4566]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Whether functions may run on a host that lacks a part of the isolation [default: full]
    #[arg(long, value_enum)]
    isolation: Option<Isolation>,
}

/// What ends the wait for changes.
enum Next {
    Changed(BTreeSet<PathBuf>),
    Stop,
    /// The node that it started has ended.
    Lost,
}

/// Deploys and watches until it is told to stop.
pub(crate) fn run(command: &Dev, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    let stop = Stop::listen()?;
    let mut node = Node::find_or_start(session, command.listen, command.isolation)?;
    let ended = follow(command, &session.until(stop.clone()), host, &stop, node.as_mut());
    match node {
        Some(node) => ended.and(node.stop()),
        None => ended,
    }?;
    Ok(ExitCode::SUCCESS)
}

fn follow(
    command: &Dev,
    session: &Session,
    host: &dyn Host,
    stop: &Stop,
    mut node: Option<&mut Node>,
) -> Result<(), Error> {
    let runtime = event_loop()?;
    if host.runtimes_list(&session.data())?.is_empty() {
        output::note("no interpreter is installed: run `pileus runtimes install`");
    }
    let (folder, build) = (deploy::folder(&command.deploy), deploy::build_folder(&command.deploy));
    let mut watch = Watch::new(&folder, &session.data(), build)?;
    let tail = Tail::start(session)?;
    let (memory, broken) = (Memory::default(), BTreeSet::new());
    let mut dev = Run { command, session, host, stop, memory, broken };
    let mut is_deployed = dev.deploy(&tail);
    loop {
        if !is_deployed {
            runtime.block_on(watch.forget());
        }
        let next = runtime.block_on(async {
            tokio::select! {
                changed = watch.changed() => Next::Changed(changed),
                () = stop.wished() => Next::Stop,
                () = node::ended(node.as_deref_mut()) => Next::Lost,
            }
        });
        match next {
            Next::Changed(paths) => is_deployed = dev.update(paths, &tail),
            Next::Stop => {
                tail.stop();
                return Ok(());
            }
            Next::Lost => return Err(Error::new("the installation has ended")),
        }
    }
}

/// What one run of the command has come to.
struct Run<'a> {
    command: &'a Dev,
    session: &'a Session,
    host: &'a dyn Host,
    stop: &'a Stop,
    memory: Memory,
    /// Files that were not deployed, because they cannot be read as code.
    broken: BTreeSet<PathBuf>,
}

impl Run<'_> {
    /// Deploys what was saved, unless a file of it is no code; true if it did.
    fn update(&mut self, changed: BTreeSet<PathBuf>, tail: &Tail) -> bool {
        let changed: BTreeSet<PathBuf> = changed.into_iter().chain(self.broken.clone()).collect();
        self.broken.clear();
        let installed = self.host.runtimes_list(&self.session.data()).unwrap_or_default();
        for path in changed {
            if let Err(error) = syntax::check(&path, &installed) {
                error.print();
                self.broken.insert(path);
            }
        }
        if self.broken.is_empty() {
            return self.deploy(tail);
        }
        output::note("not deployed; what was there before stays");
        false
    }

    /// Deploys the template; true if it did.
    fn deploy(&mut self, tail: &Tail) -> bool {
        let clock = clock::SystemClock::default();
        let began = clock::Clock::now(&clock);
        let again = self.memory.again;
        let report =
            deploy::deploy(&self.command.deploy, self.session, self.host, &mut self.memory);
        let took = clock::Clock::now(&clock).since(began);
        let told = report.and_then(|report| {
            if again {
                tell(&report, took)?;
            } else {
                report.print(self.session.json())?;
            }
            Ok(report.stack.name)
        });
        match told {
            Ok(stack) => {
                if let Err(error) = tail.follow(&stack) {
                    error.print();
                    output::note("what its functions print is shown after the next deployment");
                }
                return true;
            }
            Err(_) if self.stop.is_wished() => {
                output::note("stopped; the installation goes on with what it has begun");
            }
            Err(error) => {
                // What it holds of earlier uploads may be gone.
                self.memory.forget_uploads();
                error.print();
                if again {
                    output::note("what was there before stays");
                }
            }
        }
        false
    }
}

/// Says what a deployment after the first has changed.
fn tell(report: &Report, took: Duration) -> Result<(), Error> {
    if !report.succeeded() {
        return Err(report.failed());
    }
    if report.unchanged {
        return Ok(());
    }
    let names: Vec<_> = report.functions.iter().map(String::as_str).collect();
    let what = if names.is_empty() { report.stack.name.clone() } else { names.join(", ") };
    let milliseconds = took.as_millis();
    output::note(&format!("{} is deployed ({milliseconds} ms)", output::good(&what)));
    Ok(())
}
