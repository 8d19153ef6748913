//! `bench functions`: functions as their callers meet them, over TCP, with signed requests and
//! default settings. Every figure stands beside its floor of the same run: the same interpreter
//! with the same client, without any wall around it.

mod bare;
mod cold;
mod deploy;
mod figures;
mod front;
mod idle;
mod mixed;
mod program;
mod requests;
mod runtime_api;
mod scale;
mod subject;
mod throughput;
mod warm;

use anyhow::{Context, Result, ensure};
use clock::SystemClock;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::http::{beside, node::Node, report, template::Signer};
use deploy::Deployer;
use subject::Installed;

pub(crate) use bare::serve_native;
pub(crate) use front::serve as serve_front;

/// `bench functions`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the interpreters, as `pileus runtimes install` leaves it.
    #[arg(long)]
    runtimes: PathBuf,
    /// What is measured.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "cold,warm,throughput,scale,idle"
    )]
    only: Vec<Part>,
    /// How many cold starts of each kind are measured.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    starts: u32,
    /// How many runs of a second warm calls are measured in, in turn with their floors.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// How many Python instances at once, in turn. 0: as many as half of the free memory holds.
    #[arg(long, value_delimiter = ',', default_value = "100,0")]
    instances: Vec<usize>,
    /// How many idle functions are deployed.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    functions: u32,
    /// How long the mixed load lasts, in minutes.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// The binary to measure; the one beside this one if it is not given.
    #[arg(long)]
    pileus: Option<PathBuf>,
    /// Where the data folder is made: a folder on the disk to measure.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// First calls, one after another.
    Cold,
    /// One client's calls to an instance that is there.
    Warm,
    /// Those of 32 clients.
    Throughput,
    /// From no instance to many at once.
    Scale,
    /// Many functions that nobody calls.
    Idle,
    /// A load of every kind while instances are killed.
    Mixed,
}

impl Part {
    /// Whether it starts a node for itself.
    fn has_own_node(self) -> bool {
        matches!(self, Self::Idle | Self::Mixed)
    }
}

/// What the measurements work with.
struct Bench<'a> {
    node: &'a Node,
    installed: Installed,
    deployer: Deployer,
    signer: Signer,
}

/// Starts a node and measures what was asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let binary = arguments.pileus.clone().map_or_else(beside, Ok)?;
    let command: Vec<_> = std::env::args().collect();
    report::line(&format!("$ {}", command.join(" ")));
    report::binary(&binary)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let folder = folder.path().canonicalize()?;
    let runtimes = arguments.runtimes.canonicalize().context("--runtimes")?;
    let installed = Installed::read(&runtimes)?;
    // One thread: it must not take the cores from what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if arguments.only.iter().any(|part| !part.has_own_node()) {
        let node = Node::start(&binary, &data(&folder, "data", &runtimes)?)?;
        report::memory("resident memory, no function", node.pid())?;
        runtime.block_on(measure(arguments, &node, installed, &folder))?;
        report::memory("resident memory, at the end", node.pid())?;
        node.stop()?;
    }
    if arguments.only.contains(&Part::Idle) {
        let data = data(&folder, "idle", &runtimes)?;
        idle::run(&runtime, &binary, &data, arguments.functions)?;
    }
    if arguments.only.contains(&Part::Mixed) {
        ensure!(arguments.minutes.is_finite() && arguments.minutes > 0.0, "--minutes");
        let data = data(&folder, "mixed", &runtimes)?;
        mixed::run(&runtime, &binary, &data, arguments.minutes)?;
    }
    Ok(())
}

/// A data folder with the interpreters.
fn data(folder: &Path, name: &str, runtimes: &Path) -> Result<PathBuf> {
    let data = folder.join(name);
    std::fs::create_dir(&data)?;
    std::os::unix::fs::symlink(runtimes, data.join("runtimes"))?;
    Ok(data)
}

async fn measure(
    arguments: &Arguments,
    node: &Node,
    installed: Installed,
    folder: &Path,
) -> Result<()> {
    let clock = Arc::new(SystemClock::default());
    let signer = Signer::new(node.access(), clock.clone());
    let deployer = Deployer::new(node.access(), clock).await?;
    let bench = Bench { node, installed, deployer, signer };
    for part in &arguments.only {
        match part {
            Part::Cold => cold::run(&bench, arguments.starts).await?,
            Part::Warm => warm::run(&bench, arguments.runs, folder).await?,
            Part::Throughput => throughput::run(&bench, arguments.runs, folder).await?,
            Part::Scale => scale::run(&bench, &arguments.instances).await?,
            Part::Idle | Part::Mixed => {}
        }
    }
    Ok(())
}

/// The load of the machine, which says how far a figure can be trusted.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
