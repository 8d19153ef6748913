//! `bench functions`: functions as their callers meet them, over TCP, with signed requests and
//! default settings. Every figure stands beside its floor of the same run: the same interpreter
//! with the same client, started without any wall around it.

mod bare;
mod cold;
mod deploy;
mod scale;
mod subject;

use anyhow::{Context, Result};
use clock::SystemClock;
use std::{path::PathBuf, sync::Arc};

use crate::http::{beside, node::Node, report, template::Signer};
use deploy::Deployer;
use subject::Installed;

pub(crate) use bare::serve_native;

/// `bench functions`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the interpreters, as `pileus runtimes install` leaves it.
    #[arg(long)]
    runtimes: PathBuf,
    /// What is measured.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "cold,scale")]
    only: Vec<Part>,
    /// How many cold starts of each kind are measured.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    starts: u32,
    /// How many Python instances at once, in turn. 0: as many as half of the free memory holds.
    #[arg(long, value_delimiter = ',', default_value = "100,0")]
    instances: Vec<usize>,
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
    /// From no instance to many at once.
    Scale,
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
    report::binary(&binary)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let runtimes = arguments.runtimes.canonicalize().context("--runtimes")?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    std::os::unix::fs::symlink(&runtimes, data.join("runtimes"))?;
    let installed = Installed::read(&runtimes)?;
    let node = Node::start(&binary, &data)?;
    report::memory("resident memory, no function", node.pid())?;
    // One thread: it must not take the cores from what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(arguments, &node, installed))?;
    report::memory("resident memory, at the end", node.pid())?;
    node.stop()
}

async fn measure(arguments: &Arguments, node: &Node, installed: Installed) -> Result<()> {
    let clock = Arc::new(SystemClock::default());
    let signer = Signer::new(node.access(), clock.clone());
    let deployer = Deployer::new(node.access(), clock).await?;
    let bench = Bench { node, installed, deployer, signer };
    if arguments.only.contains(&Part::Cold) {
        cold::run(&bench, arguments.starts).await?;
    }
    if arguments.only.contains(&Part::Scale) {
        scale::run(&bench, &arguments.instances).await?;
    }
    Ok(())
}

/// The load of the machine, which says how far a figure can be trusted.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
