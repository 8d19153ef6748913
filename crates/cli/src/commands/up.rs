//! `pileus up`

use crate::{
    BlobAccess,
    error::Error,
    host::{Host, Isolation, UpOptions},
    session::Session,
};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};
use types::Secret;

const EXAMPLES: &str = "\
Examples:
  pileus up
  pileus up --data /var/lib/pileus --listen 0.0.0.0:4566 --public-url http://cloud.example:4566
  pileus up --store postgres://pileus@db/pileus --blobs /mnt/shared --master-key /etc/pileus.key
  pileus up --egress internet,10.0.5.0/24
  pileus up --config pileus.toml

Any number of nodes may share one store, blobs and master key; each has a data folder of its own.
The configuration file is TOML; its keys are the names of these flags, with _ for -.
A flag wins over the file. Everything that was acknowledged survives a crash; Ctrl-C stops orderly.";

/// The flags of `pileus up`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Up {
    /// The address to listen on [default: 127.0.0.1:4566]; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// A PostgreSQL that holds the store, postgres://user:password@host:port/database
    /// [default: the store is in the data folder]
    #[arg(long, value_name = "URL", env = "PILEUS_STORE", hide_env_values = true)]
    store: Option<String>,
    /// Where large bytes are: a folder, or s3://bucket/prefix; with --store, one that all nodes share
    /// [default: blobs in the data folder]
    #[arg(long, value_name = "PLACE", env = "PILEUS_BLOBS")]
    blobs: Option<PathBuf>,
    #[command(flatten)]
    blob_access: BlobAccess,
    /// The file of the key that secrets are encrypted with, the same on all nodes [default:
    /// master.key in the data folder, made at first start]
    #[arg(long, value_name = "FILE", env = "PILEUS_MASTER_KEY")]
    master_key: Option<PathBuf>,
    /// Also serve metrics to Prometheus, at http://ADDR/metrics, to whoever sends the token in
    /// metrics.token of the data folder [default: they are not served]
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// The base of every URL that Pileus mints [default: the address that it listens on]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The region that this installation calls itself [default: us-east-1]
    #[arg(long)]
    region: Option<String>,
    /// The account that it serves, 12 digits [default: 000000000000]
    #[arg(long)]
    account: Option<String>,
    /// Whether functions may run on a host that lacks a part of the isolation [default: full]
    #[arg(long, value_enum)]
    isolation: Option<Isolation>,
    /// What functions may reach beyond the platform: internet, which is every public IPv4 address,
    /// and IPv4 networks such as 10.0.5.0/24; several with commas between. Never reached: the host
    /// itself, other functions, metadata of clouds [default: none]
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',', env = "PILEUS_EGRESS")]
    egress: Vec<String>,
    /// A file with these settings, in TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Hands over to the platform.
pub(crate) fn run(command: Up, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    host.up(UpOptions {
        config: command.config,
        data: session.global.data.clone(),
        store: command.store.map(Secret::new),
        blobs: command.blobs,
        blob_access: command.blob_access,
        master_key: command.master_key,
        listen: command.listen,
        metrics: command.metrics,
        public_url: command.public_url,
        region: command.region,
        account: command.account,
        isolation: command.isolation,
        egress: command.egress,
        json: session.json(),
    })?;
    Ok(ExitCode::SUCCESS)
}
