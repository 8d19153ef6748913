//! `bench objects`: object storage over TCP with signed requests and default durability, beside other
//! servers that speak S3 and are given with an option, in turn in one run. The floors are a hyper
//! server that reads the same requests and answers with an empty object, and a file that the same
//! bytes are appended to with a sync each.

mod disk;
mod event;
mod fill;
mod large;
mod peer;
mod requests;

use crate::http::{
    FLOOR, Operation, SLICE, WARM_UP, beside,
    empty::EmptyServer,
    load::Tally,
    node::{Access, Node},
    report, slice,
    template::{Expected, Signer, Template},
};
use anyhow::{Context, Result, ensure};
use clock::SystemClock;
use disk::Disk;
use peer::Peer;
use requests::{Body, LARGE, SMALL};
use serde_json::json;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

/// The server that is measured.
const OWN: &str = "pileus";

/// `bench objects`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long each operation is measured for each number of clients, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// How many clients there are, in turn; each keeps one connection and has one request under way.
    #[arg(long, value_delimiter = ',', default_value = "1,32")]
    clients: Vec<usize>,
    /// How many objects the bucket has that only this server is asked to list.
    #[arg(long, default_value_t = 1_000_000)]
    many: usize,
    /// How many objects the bucket has that every server is asked to list, by the first number of
    /// clients.
    #[arg(long, default_value_t = 10_000)]
    few: usize,
    /// The folder of the interpreters, as `pileus runtimes install` leaves it; without it, no
    /// function is started.
    #[arg(long)]
    runtimes: Option<PathBuf>,
    /// The binary to measure; the one beside this one if it is not given.
    #[arg(long)]
    pileus: Option<PathBuf>,
    /// Where the data folders are made: a folder on the disk to measure.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
    /// A peer: the program of the crate `s3s-fs`.
    #[arg(long, value_name = "PROGRAM")]
    s3s_fs: Option<PathBuf>,
    /// A peer: the program of the Python package `ministack`.
    #[arg(long, value_name = "PROGRAM")]
    ministack: Option<PathBuf>,
    /// A peer: `moto_server` of the Python package `moto[server]`.
    #[arg(long, value_name = "PROGRAM")]
    moto: Option<PathBuf>,
    /// Measure nothing but the memory that an object of so many GiB needs.
    #[arg(long, value_name = "GIB")]
    large_gib: Option<u64>,
}

/// Prints what every server does, beside the floors; or the memory that a large object needs.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let most = arguments.clients.iter().max().context("--clients names no number")?;
    let least = arguments.clients.iter().min().copied().unwrap_or_default();
    ensure!(least > 0 && *most <= LARGE.count, "--clients takes numbers from 1 to {}", LARGE.count);
    ensure!(arguments.few >= fill::PAGE, "--few must fill a page of {}", fill::PAGE);
    ensure!(arguments.many >= fill::PAGE, "--many must fill a page of {}", fill::PAGE);
    let binary = arguments.pileus.clone().map_or_else(beside, Ok)?;
    report::binary(&binary)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    if let Some(runtimes) = &arguments.runtimes {
        let runtimes = runtimes.canonicalize().context("--runtimes")?;
        std::os::unix::fs::symlink(runtimes, data.join("runtimes"))?;
    }
    let node = Node::start(&binary, &data)?;
    // One thread: it must not take the cores from what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.large_gib {
        Some(gib) => runtime.block_on(large::measure(&node, gib))?,
        None => {
            let peers = peers(arguments, &node, folder.path())?;
            let disk = Disk::new(&folder.path().join("floor"))?;
            runtime.block_on(measure_all(arguments, &node, &peers, disk))?;
            report::memory("resident memory, at the end", node.pid())?;
        }
    }
    node.stop()
}

/// Starts the peers that are there, and names those that are not.
fn peers(arguments: &Arguments, node: &Node, folder: &std::path::Path) -> Result<Vec<Peer>> {
    let Arguments { s3s_fs, ministack, moto, .. } = arguments;
    let key = &node.access().credentials;
    let mut peers = Vec::new();
    for (name, program) in [("s3s-fs", s3s_fs), ("ministack", ministack), ("moto", moto)] {
        match program {
            Some(program) => peers.push(Peer::start(name, program, folder, key)?),
            None => report::line(&format!("{name} is not among the peers: no option names it")),
        }
    }
    Ok(peers)
}

/// A server and the requests that it gets.
struct Server {
    name: &'static str,
    address: SocketAddr,
}

async fn measure_all(
    arguments: &Arguments,
    node: &Node,
    peers: &[Peer],
    mut disk: Disk,
) -> Result<()> {
    let clock = Arc::new(SystemClock::default());
    let access = node.access();
    let signer = Signer::new(access, clock.clone());
    let empty = EmptyServer::start()?;
    let peers = peers.iter().map(|peer| Server { name: peer.name, address: peer.address });
    let own = Server { name: OWN, address: access.address()? };
    let servers: Vec<_> = [own].into_iter().chain(peers).collect();
    for server in &servers {
        let fill = fill::buckets(server.address, &signer, &[SMALL, LARGE], arguments.few).await;
        fill.with_context(|| server.name)?;
    }
    let bench = Bench { arguments, signer: &signer, empty: empty.address() };
    let all = arguments.clients.as_slice();
    for body in [SMALL, LARGE] {
        let puts = |server: &Server| requests::puts(server.address, body);
        let (name, floor) = (format!("put {}", body.name), Some((&mut disk, body)));
        bench.beside_floors((&name, all), &servers, puts, floor).await?;
        let gets = |server: &Server| requests::gets(server.address, body);
        bench.beside_floors((&format!("get {}", body.name), all), &servers, gets, None).await?;
    }
    // One number of clients: with many, one peer takes minutes for three lists of each.
    let first = &all[..1];
    let few = arguments.few;
    let lists = |server: &Server| requests::lists(server.address, fill::FEW, few);
    let name = format!("list {} of {few}", fill::PAGE);
    bench.beside_floors((&name, first), &servers, lists, None).await?;
    let many = arguments.many;
    fill::many(access.address()?, &signer, many).await?;
    let lists = |server: &Server| requests::lists(server.address, fill::MANY, many);
    let name = format!("list {} of {many}", fill::PAGE);
    bench.beside_floors((&name, all), &servers[..1], lists, None).await?;
    started(arguments, access, clock).await
}

/// From an upload to the start of the function that it causes.
async fn started(arguments: &Arguments, access: &Access, clock: Arc<SystemClock>) -> Result<()> {
    if arguments.runtimes.is_none() {
        report::line("no function is started: --runtimes names no folder of interpreters");
        return Ok(());
    }
    event::measure(access, clock).await
}

struct Bench<'a> {
    arguments: &'a Arguments,
    signer: &'a Signer,
    empty: SocketAddr,
}

impl Bench<'_> {
    /// Measures one operation of every server in turn, in slices.
    async fn beside_floors(
        &self,
        (what, clients): (&str, &[usize]),
        servers: &[Server],
        templates: impl Fn(&Server) -> Vec<Template>,
        mut disk: Option<(&mut Disk, Body)>,
    ) -> Result<()> {
        report::line(&format!("\n{what}"));
        report::head();
        let own = servers.first().map(&templates).unwrap_or_default();
        let answer = Expected::Document(json!({}));
        let floor = own.iter().map(|template| template.expecting(answer.clone())).collect();
        let mut operations = vec![Operation::new(FLOOR, self.empty, floor)];
        for server in servers {
            operations.push(Operation::new(server.name, server.address, templates(server)));
        }
        for &clients in clients {
            for operation in &mut operations {
                slice(operation, clients, WARM_UP, self.signer).await?;
                operation.tally = Tally::default();
            }
            let mut synced = Tally::default();
            for _ in 0..self.arguments.seconds {
                for operation in &mut operations {
                    let tally = slice(operation, clients, SLICE, self.signer).await?;
                    operation.tally.add(tally);
                }
                if let Some((disk, body)) = &mut disk {
                    synced.add(disk.write(body.bytes, SLICE)?);
                }
            }
            if disk.is_some() {
                report::alone("disk write with sync", &mut synced);
            }
            report::operations(&mut operations, clients);
        }
        Ok(())
    }
}
