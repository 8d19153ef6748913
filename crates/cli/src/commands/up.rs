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
