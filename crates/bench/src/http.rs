//! `bench http`: the release binary as its users meet it, over TCP, with signed requests and default
//! durability. The clients run on the same machine and are kept cheap; what they and the network
//! cost is in the floor too: a hyper server that answers the same requests with an empty object, and
//! nginx where it is installed.

pub(crate) mod connection;
pub(crate) mod empty;
pub(crate) mod load;
mod nginx;
pub(crate) mod node;
pub(crate) mod report;
mod setup;
pub(crate) mod template;

pub(crate) use empty::serve as serve_empty;

use anyhow::{Context, Result, ensure};
use clock::SystemClock;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use empty::EmptyServer;
use load::Tally;
use nginx::Nginx;
use node::Node;
use setup::Templates;
use template::{Signer, Template};

/// How often each start is measured; the median is printed.
const STARTS: usize = 5;
/// The operation that the others are compared with.
pub(crate) const FLOOR: &str = "empty answer of hyper";
/// A peer whose speed on other machines is known.
const NGINX: &str = "static file of nginx";
/// The most clients: each has a request of its own.
const MAX_CLIENTS: usize = setup::REQUESTS;
/// The operations are measured in turn for this long, so that what else the machine does weighs on
/// all alike.
pub(crate) const SLICE: Duration = Duration::from_secs(1);
/// Before it is measured, an operation runs for this long.
pub(crate) const WARM_UP: Duration = Duration::from_millis(500);

/// `bench http`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long each operation is measured for each number of clients, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// How many clients there are, in turn; each keeps one connection and has one request under way.
    #[arg(long, value_delimiter = ',', default_value = "1,32")]
    clients: Vec<usize>,
    /// Which operations are measured beside the floor: those whose names contain one of these.
    #[arg(long, value_delimiter = ',', default_value = "")]
    only: Vec<String>,
    /// The folder of the interpreters, as `pileus runtimes install` leaves it; without it, Invoke is
    /// skipped.
    #[arg(long)]
    runtimes: Option<PathBuf>,
    /// The binary to measure; the one beside this one if it is not given.
    #[arg(long)]
    pileus: Option<PathBuf>,
    /// Where the data folders are made: a folder on the disk to measure.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

/// One line of the report.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) templates: Vec<Template>,
    pub(crate) tally: Tally,
}

impl Operation {
    pub(crate) fn new(name: &'static str, address: SocketAddr, templates: Vec<Template>) -> Self {
        Self { name, address, templates, tally: Tally::default() }
    }
}

/// Prints the start-up, the memory and the size of the binary, then what it serves.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let most = arguments.clients.iter().max().context("--clients names no number")?;
    let least = arguments.clients.iter().min().copied().unwrap_or_default();
    ensure!(least > 0 && *most <= MAX_CLIENTS, "--clients takes numbers from 1 to {MAX_CLIENTS}");
    let binary = match &arguments.pileus {
        Some(path) => path.clone(),
        None => beside()?,
    };
    report::binary(&binary)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let node = start(&binary, folder.path(), arguments.runtimes.as_deref())?;
    report::memory("resident memory, idle", node.pid())?;
    // One thread: it must not take the cores from what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let nginx = Nginx::start(&folder.path().canonicalize()?.join("nginx"))?;
    runtime.block_on(serve(arguments, &node, nginx.as_ref()))?;
    report::memory("resident memory, at the end", node.pid())?;
    node.stop()
}

pub(crate) fn beside() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("pileus");
    let built = path.is_file();
    ensure!(built, "there is no {}: run `cargo build --release -p pileus`", path.display());
    Ok(path)
}

/// Measures how long starting takes. The last node goes on: it serves what is measured next.
fn start(binary: &Path, folder: &Path, runtimes: Option<&Path>) -> Result<Node> {
    let (mut new, mut again) = (Vec::new(), Vec::new());
    let mut last = None;
    for number in 0..STARTS {
        let data = folder.join(format!("data-{number}"));
        std::fs::create_dir(&data)?;
        if let Some(runtimes) = runtimes {
            let runtimes = runtimes.canonicalize().context("--runtimes")?;
            std::os::unix::fs::symlink(runtimes, data.join("runtimes"))?;
        }
        let node = Node::start(binary, &data)?;
        new.push(node.start_up());
        node.stop()?;
        last.take().map_or(Ok(()), Node::stop)?;
        let node = Node::start(binary, &data)?;
        again.push(node.start_up());
        last = Some(node);
    }
    report::start_up("start-up, empty data folder", &mut new);
    report::start_up("start-up, existing data folder", &mut again);
    last.context("nothing was started")
}

async fn serve(arguments: &Arguments, node: &Node, nginx: Option<&Nginx>) -> Result<()> {
    let clock = Arc::new(SystemClock::default());
    let access = node.access();
    let signer = Signer::new(access, clock.clone());
    let invoke = arguments.runtimes.is_some();
    let empty = EmptyServer::start()?;
    let Templates { floor, get, put, send, invoke } = setup::run(access, clock, invoke).await?;
    let address = access.address()?;
    let mut operations = vec![Operation::new(FLOOR, empty.address(), floor.clone())];
    match nginx {
        Some(nginx) => operations.push(Operation::new(NGINX, nginx.address(), floor)),
        None => report::line("nginx is not installed: it is not among the peers"),
    }
    operations.extend([
        Operation::new("GetItem", address, get),
        Operation::new("PutItem", address, put),
        Operation::new("SendMessage", address, send),
    ]);
    match invoke {
        Some(templates) => {
            operations.push(Operation::new("Invoke, warm Python", address, templates))
        }
        None => report::line("Invoke is skipped: --runtimes names no folder of interpreters"),
    }
    let wanted = |name: &str| arguments.only.iter().any(|part| name.contains(part));
    operations
        .retain(|operation| [FLOOR, NGINX].contains(&operation.name) || wanted(operation.name));
    report::head();
    for &clients in &arguments.clients {
        measure(&mut operations, clients, arguments.seconds, &signer).await?;
        report::operations(&mut operations, clients);
    }
    Ok(())
}

async fn measure(
    operations: &mut [Operation],
    clients: usize,
    slices: u32,
    signer: &Signer,
) -> Result<()> {
    for operation in &mut *operations {
        slice(operation, clients, WARM_UP, signer).await?;
        operation.tally = Tally::default();
    }
    for _ in 0..slices {
        for operation in &mut *operations {
            let tally = slice(operation, clients, SLICE, signer).await?;
            operation.tally.add(tally);
        }
    }
    Ok(())
}

pub(crate) async fn slice(
    operation: &mut Operation,
    clients: usize,
    time: Duration,
    signer: &Signer,
) -> Result<Tally> {
    load::run(operation.address, &mut operation.templates, clients, time, signer)
        .await
        .with_context(|| format!("{}, {clients} clients", operation.name))
}
