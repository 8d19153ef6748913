//! What only the program itself can do.

use crate::BlobAccess;
use backup::{Observer, Progress, Step};
use std::{error, net::SocketAddr, path::Path, path::PathBuf};
use types::Secret;

/// Why the host could not do it; its sources are printed too.
pub type HostError = Box<dyn error::Error + Send + Sync>;

/// The platform in this program, which `pileus` implements and a command calls.
pub trait Host {
    /// Starts the platform, prints its endpoint and its isolation when it is ready, and serves until
    /// it is told to stop. Called before any thread exists.
    ///
    /// # Errors
    /// It cannot start, or has failed.
    fn up(&self, options: UpOptions) -> Result<(), HostError>;

    /// The interpreters in a data folder, those of one family together, oldest first.
    ///
    /// # Errors
    /// The folder cannot be read. One that does not exist holds none.
    fn runtimes_list(&self, data: &Path) -> Result<Vec<Interpreter>, HostError>;

    /// Brings interpreters, runtime clients and SDKs into a data folder. `wanted` are runtime
    /// identifiers such as `python3.12` and `nodejs22.x`; everything useful if it is empty.
    ///
    /// # Errors
    /// A download or an installation fails, or an identifier is not known.
    fn runtimes_install(
        &self,
        data: &Path,
        wanted: &[String],
        progress: &dyn InstallProgress,
    ) -> Result<(), HostError>;

    /// Backs up an installation that does not run into an empty folder.
    ///
    /// # Errors
    /// It runs, is damaged, or the folder cannot be written.
    fn backup(
        &self,
        place: &Place,
        to: &Path,
        observer: Observer<'_>,
    ) -> Result<Progress, HostError>;

    /// Makes an installation of a backup.
    ///
    /// # Errors
    /// The backup is damaged, the place is not empty, or the master key is another.
    fn restore(
        &self,
        from: &Path,
        place: &Place,
        observer: Observer<'_>,
    ) -> Result<Progress, HostError>;

    /// Checks an installation that does not run, step by step.
    ///
    /// # Errors
    /// It runs, or cannot be read at all.
    fn check(&self, place: &Place, take: &dyn Fn(Step)) -> Result<(), HostError>;

    /// Copies an installation that does not run to a place that is empty.
    ///
    /// # Errors
    /// As of [`Host::backup`] and [`Host::restore`].
    fn copy(&self, from: &Place, to: &Place, observer: Observer<'_>)
    -> Result<Progress, HostError>;
}

/// Where an installation that does not run is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The data folder.
    pub data: PathBuf,
    /// The store, if it is not in the data folder: a URL, which may hold a password.
    pub store: Option<Secret>,
    /// Where blobs are, if not in the data folder: a folder, or `s3://bucket/prefix`.
    pub blobs: Option<PathBuf>,
    /// Who enters that object storage.
    pub blob_access: BlobAccess,
    /// The file of the master key, if it is not in the data folder.
    pub master_key: Option<PathBuf>,
}

/// Who is told how an installation goes.
pub trait InstallProgress: Send + Sync {
    /// A step begins: `Python 3.12: AWS runtime client and boto3`.
    fn begin(&self, step: &str);
    /// The step that began last has ended well; `fresh` is false if there was nothing to do.
    fn end(&self, fresh: bool);
}

/// How to start. What is `None` comes from the configuration file, else from the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpOptions {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The data folder.
    pub data: Option<PathBuf>,
    /// The store, if it is not in the data folder: a URL, which may hold a password.
    pub store: Option<Secret>,
    /// Where blobs are, if not in the data folder: a folder, or `s3://bucket/prefix`.
    pub blobs: Option<PathBuf>,
    /// Who enters that object storage.
    pub blob_access: BlobAccess,
    /// The file of the master key, if it is not in the data folder.
    pub master_key: Option<PathBuf>,
    /// The address to listen on.
    pub listen: Option<SocketAddr>,
    /// What functions may reach beyond the platform; empty: as the file says.
    pub egress: Vec<String>,
    /// The address on which Prometheus may read metrics.
    pub metrics: Option<SocketAddr>,
    /// The base of every URL that Pileus mints.
    pub public_url: Option<String>,
    /// The region that the installation calls itself.
    pub region: Option<String>,
    /// The account that it serves.
    pub account: Option<String>,
    /// Which isolation functions need.
    pub isolation: Option<Isolation>,
    /// Whether what is printed is for programs: JSON lines.
    pub json: bool,
}

/// Which isolation functions need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Isolation {
    /// All of it; on a host that lacks a part, functions do not run.
    Full,
    /// What the host has.
    Reduced,
}

/// An interpreter that runs functions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Interpreter {
    /// `python` or `node`.
    pub family: String,
    /// Its full version: `3.12.1`.
    pub version: String,
    /// The runtime that it is the exact version for: `python3.12`.
    pub runtime: String,
    /// Its program on this host.
    pub program: PathBuf,
}
