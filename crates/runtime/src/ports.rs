//! What the pools need from the rest of the platform.

use crate::{
    InstanceSpec,
    sandbox::{Mount, Parked, Zygote},
};
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use types::{Arn, Secret, Timestamp};

/// Knows which interpreters exist, and how each starts inside a sandbox.
pub trait Interpreters: Send + Sync {
    /// How the program of this function starts.
    ///
    /// # Errors
    /// The runtime is unknown or not installed, or the code has no program to start.
    fn resolve(&self, spec: &InstanceSpec) -> Result<Launch, LaunchError>;
}

/// How a program starts inside a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program with its absolute path inside, and its arguments.
    pub argv: Vec<String>,
    /// What it needs beside the base system, the code and the layers.
    pub mounts: Vec<Mount>,
    /// The runtime's variables (`PATH`, `PYTHONPATH`, ...), which the function's own may replace.
    pub env: Vec<(String, String)>,
    /// What can be forked in its place.
    pub zygote: Option<Zygote>,
    /// How it is started ahead of need.
    pub parked: Option<Parked>,
    /// What runs, for the log: `python:3.11.7`.
    pub version: String,
    /// Set when another version than the named one runs.
    pub substitution: Option<Substitution>,
}

/// Another version of a runtime stands in for the one that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// The runtime identifier that was named.
    pub wanted: String,
    /// What runs in its place: `Python 3.13.0`.
    pub used: String,
}

/// Why a function's program cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// No runtime has this identifier, or it is not supported.
    #[error("the runtime {0} is not supported")]
    Unknown(String),
    /// No interpreter for it is on this host.
    #[error("no interpreter for {runtime} is installed: {remedy}")]
    NotInstalled {
        /// The runtime identifier.
        runtime: String,
        /// The one command that provides it.
        remedy: String,
    },
    /// The code lacks the program that the runtime starts. The function's fault, not the host's.
    #[error("Couldn't find valid bootstrap(s): [{}]", .0.join(" "))]
    InvalidEntrypoint(Vec<String>),
}

/// Gives every new instance what it needs to act as its role.
pub trait Credentials: Send + Sync {
    /// Variables for a new instance: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL`. They stay valid for
    /// [`crate::PoolsConfig::max_age`] and the longest timeout.
    ///
    /// # Errors
    /// Why the role cannot be assumed, for the caller.
    fn issue<'a>(
        &'a self,
        spec: &'a InstanceSpec,
    ) -> BoxFuture<'a, Result<Vec<(String, Secret)>, String>>;
}

/// Serves the platform's own endpoint inside a sandbox.
pub trait Platform: Send + Sync {
    /// Serves this listener until the future is dropped.
    fn serve(&self, listener: TcpListener) -> BoxFuture<'static, ()>;

    /// Serves the listener of [`crate::sandbox::Sandbox::platform_over_tls`] until the future is
    /// dropped. By default nobody is answered there.
    fn serve_over_tls(&self, listener: TcpListener) -> BoxFuture<'static, ()> {
        drop(listener);
        Box::pin(std::future::ready(()))
    }
}

/// Takes what functions print.
pub trait LogSink: Send + Sync {
    /// Takes lines, in order, without their newlines. Never blocks; batching, asking whether the
    /// role may write there, and dropping beyond a bound are the sink's part.
    fn write(&self, stream: &LogStream, lines: Vec<(Timestamp, String)>);
}

/// Where the output of an instance goes, and on whose behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    /// The log group.
    pub group: String,
    /// The stream in it.
    pub name: String,
    /// The execution role, which must be allowed to write there.
    pub role: Arn,
    /// The function's name, which is the name of the role's session.
    pub function: String,
}
