//! The port to an isolation engine: what a sandbox is asked for, and what it gives.

use futures_util::future::BoxFuture;
use std::{fmt, path::PathBuf};
use tokio::net::{TcpListener, unix::pipe};

/// A directory of the host that a sandbox sees, read-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The directory (or file) on the host.
    pub source: PathBuf,
    /// Its absolute path inside.
    pub target: String,
}

/// Everything that a sandbox is made of. The engine adds the base system (`/usr`, `/lib*`,
/// `/bin`, the needed files of `/etc`), `/proc`, `/dev` and a private, writable `/tmp`.
#[derive(Clone)]
pub struct SandboxSpec {
    /// A name for people and for the names of control groups: lower-case letters, digits, `-`.
    pub name: String,
    /// The program with its absolute path inside, and its arguments.
    pub argv: Vec<String>,
    /// The whole environment; nothing is inherited.
    pub env: Vec<(String, String)>,
    /// The working directory inside.
    pub cwd: String,
    /// Read-only directories beside the base system.
    pub mounts: Vec<Mount>,
    /// Memory of all its processes together, in bytes; beyond it they are killed.
    pub memory_bytes: u64,
    /// Size of `/tmp`, in bytes.
    pub tmp_bytes: u64,
    /// Processes and threads at once.
    pub max_processes: u32,
    /// Open files per process.
    pub max_open_files: u32,
    /// Processor time in thousandths of a core; `None` is unlimited.
    pub cpu_millis: Option<u32>,
}

impl fmt::Debug for SandboxSpec {
    /// Without the values of the environment, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SandboxSpec")
            .field("name", &self.name)
            .field("argv", &self.argv)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("mounts", &self.mounts)
            .field("memory_bytes", &self.memory_bytes)
            .finish_non_exhaustive()
    }
}

/// An engine that makes sandboxes.
pub trait Sandboxes: Send + Sync {
    /// Makes a sandbox and starts its program.
    ///
    /// # Errors
    /// The host lacks a primitive that the configured isolation needs, or the start failed.
    fn create(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>>;

    /// What this host achieves.
    fn isolation(&self) -> &Isolation;
}

/// A running sandbox. Dropping it kills every process in it.
pub trait Sandbox: Send {
    /// The listener on 127.0.0.1:9001 of its net namespace, for the Runtime API. Given once.
    fn runtime_api(&mut self) -> Option<TcpListener>;

    /// The listener on the platform's public host and port inside its net namespace. Given once.
    fn platform(&mut self) -> Option<TcpListener>;

    /// What its processes write to standard output and standard error, in order: the reading end
    /// of one pipe. Given once. (A pipe and not any reader, because what was written before a
    /// response must be read without waiting for the event loop: see `logs`.)
    fn output(&mut self) -> Option<pipe::Receiver>;

    /// Ends when its first process has ended and every other one was killed. May be called again.
    fn wait(&mut self) -> BoxFuture<'_, Exit>;

    /// Kills every process in it; ends when none is left. Does nothing to a sandbox that ended.
    fn kill(&mut self) -> BoxFuture<'_, ()>;

    /// The most memory that it has used so far, in bytes, where the host counts it.
    fn memory_peak(&self) -> Option<u64> {
        None
    }
}

/// How a sandbox's first process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It ended itself with this status.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It was killed because the sandbox's memory was used up.
    OutOfMemory,
}

/// The isolation that a host achieves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// All of it, or less.
    pub level: IsolationLevel,
    /// Each primitive by itself.
    pub parts: Vec<IsolationPart>,
}

/// Whether every primitive is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsolationLevel {
    /// Every primitive is there.
    Full,
    /// Some are missing.
    Reduced,
}

/// One primitive of the isolation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolationPart {
    /// Its name: `net namespace`, `seccomp`, `cgroup memory`.
    pub name: &'static str,
    /// Whether this host has it.
    pub achieved: bool,
    /// The one command that provides it, when it is missing.
    pub remedy: Option<String>,
}

/// Why there is no sandbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The host lacks a primitive that the configured isolation needs.
    #[error("this host lacks {name}, which isolation = full needs: {remedy}")]
    Missing {
        /// The primitive.
        name: String,
        /// The one command that provides it.
        remedy: String,
    },
    /// A step of the start failed.
    #[error("the sandbox did not start: {step}: {reason}")]
    Start {
        /// What was tried: `mount /var/task`.
        step: String,
        /// What the system said.
        reason: String,
    },
}
