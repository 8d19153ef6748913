//! What a sandbox is: one program, alone with its files, its limits and the platform's listeners.
//!
//! The pool asks a [`Sandboxes`] for a [`Sandbox`] and never learns how the walls are made.
//! `runtime-process` builds them from Linux namespaces; tests build them from nothing.

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use tokio::net::{TcpListener, unix::pipe};

/// What to run, what it may see, and how much of it.
#[derive(Clone)]
pub struct SandboxSpec {
    /// A label for logs, such as the function's name and instance number. Not unique, not shown
    /// to the program.
    pub name: String,
    /// The program, as an absolute path inside the sandbox, and its arguments.
    pub argv: Vec<String>,
    /// The whole environment of the program. Nothing is inherited.
    pub env: Vec<(String, String)>,
    /// The working directory, as an absolute path inside the sandbox.
    pub cwd: String,
    /// Directories and files of the host that the program may read.
    pub mounts: Vec<Mount>,
    /// Memory of all processes together, in bytes. More ends in [`Exit::out_of_memory`].
    pub memory_bytes: u64,
    /// Size of the private `/tmp`, in bytes. It does not count as memory.
    pub tmp_bytes: u64,
    /// How many processes and threads may exist at once.
    pub max_processes: u32,
    /// How many files one process may have open (`RLIMIT_NOFILE`).
    pub max_open_files: u32,
    /// Processor time per second of wall time, in thousandths of one processor. `None`: no limit.
    pub cpu_millis: Option<u32>,
    /// A process that has done part of the program's start and can be forked in its place, where
    /// the maker knows how. What runs is the same, with the same walls.
    pub zygote: Option<Zygote>,
    /// The same program, to be started ahead of need, where the maker does that. What runs has the
    /// same walls.
    pub parked: Option<Parked>,
}

/// A program that is started in a sandbox of its own before anybody needs it, and waits there for
/// its function: for the code, the layers, the environment and the working directory.
///
/// While it waits it finds the reading end of a pipe in descriptor 3. What comes, up to the end,
/// is a JSON text, `{"cwd": "...", "env": [["NAME", "value"], ...]}`; by then the files are
/// there. It closes the descriptor before anything of the function is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parked {
    /// The program, as an absolute path inside, and its arguments.
    pub argv: Vec<String>,
    /// Its environment until it has the function's.
    pub env: Vec<(String, String)>,
    /// Directories and files of the host that it may read from its start. They are among
    /// [`SandboxSpec::mounts`].
    pub mounts: Vec<Mount>,
    /// How the names of variables begin that it reads while it starts. A function that has one of
    /// them otherwise than it is in `env` is started plainly.
    pub reads: &'static [&'static str],
    /// Names that begin so and are not read.
    pub ignores: &'static [&'static str],
}

impl Parked {
    /// Whether a program with this environment would have started as this one did.
    #[must_use]
    pub fn suits(&self, env: &[(String, String)]) -> bool {
        let is_read = |name: &str| {
            self.reads.iter().any(|start| name.starts_with(start)) && !self.ignores.contains(&name)
        };
        let read = |of: &[(String, String)]| {
            let mut read: Vec<_> = of.iter().filter(|(name, _)| is_read(name)).cloned().collect();
            read.sort();
            read
        };
        read(env) == read(&self.env)
    }
}

/// A program that is started once, ahead of need, in walls of its own, and then forked into one
/// sandbox after another. It holds nothing of any function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Zygote {
    /// The program, as an absolute path inside, and its arguments.
    pub argv: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Directories and files of the host that it may read.
    pub mounts: Vec<Mount>,
    /// What it finds on its standard input.
    pub input: &'static str,
}

// The environment holds credentials, so it never reaches a log.
impl std::fmt::Debug for SandboxSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SandboxSpec")
            .field("name", &self.name)
            .field("argv", &self.argv)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("mounts", &self.mounts)
            .field("memory_bytes", &self.memory_bytes)
            .field("tmp_bytes", &self.tmp_bytes)
            .field("max_processes", &self.max_processes)
            .field("max_open_files", &self.max_open_files)
            .field("cpu_millis", &self.cpu_millis)
            .field("zygote", &self.zygote.is_some())
            .field("parked", &self.parked.is_some())
            .finish()
    }
}

/// A directory or file of the host, bound read-only into the sandbox with all that is below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Where it is on the host.
    pub source: PathBuf,
    /// Where the program sees it: an absolute path inside, such as `/var/task`.
    pub target: String,
}

/// A maker of sandboxes.
pub trait Sandboxes: Send + Sync {
    /// Makes a sandbox and starts its program.
    ///
    /// # Errors
    /// [`SandboxError::Missing`] when the host lacks a primitive that the configured isolation
    /// needs, [`SandboxError::Start`] when one step of this start failed.
    fn create(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>>;

    /// The isolation that this host gives.
    fn isolation(&self) -> &Isolation;
}

/// Reads a memory figure in bytes, in a few microseconds.
pub type MemoryGauge = Box<dyn Fn() -> Option<u64> + Send + Sync>;

/// A running sandbox. Dropping it kills it without waiting.
pub trait Sandbox: Send {
    /// The listener behind 127.0.0.1:9001 inside: the Runtime API. Given once.
    fn runtime_api(&mut self) -> Option<TcpListener>;

    /// The listener behind the platform's public host and port inside. Given once.
    fn platform(&mut self) -> Option<TcpListener>;

    /// The listener behind port 443 of the name under which the platform is reached over TLS
    /// inside. Given once; `None` where there is none.
    fn platform_over_tls(&mut self) -> Option<TcpListener> {
        None
    }

    /// What the program writes to its standard output and standard error, in one order: the
    /// reading end of one pipe (`pipe::Receiver::from_owned_fd`). It ends when the last process
    /// inside has ended. Given once.
    ///
    /// It is a pipe and not any reader because what was written before a response must be read
    /// at that moment, without waiting for the event loop to notice it.
    fn output(&mut self) -> Option<pipe::Receiver>;

    /// Reads the most memory that its processes held together so far, in bytes, `/tmp` included.
    /// `None` when the host does not count it. It is apart from the sandbox because it is read at
    /// the end of every invocation, while another task waits for the sandbox's end.
    fn memory_gauge(&mut self) -> Option<MemoryGauge>;

    /// Waits until the program has ended, every process beside it is gone and its resources are
    /// released. May be called again and then answers at once.
    fn wait(&mut self) -> BoxFuture<'_, Exit>;

    /// Ends every process and returns when all are gone and their resources are released. Ending
    /// a sandbox that has ended does nothing.
    fn kill(&mut self) -> BoxFuture<'_, ()>;
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// What ended it.
    pub cause: ExitCause,
    /// Whether the memory limit ended the program or a process beside it.
    pub out_of_memory: bool,
}

/// What ended a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCause {
    /// It returned this code.
    Code(i32),
    /// This signal ended it. [`Sandbox::kill`] shows as signal 9.
    Signal(i32),
}

/// How well this host can isolate, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// Full when every part is achieved.
    pub level: IsolationLevel,
    /// Every part, in the order in which a person would read them.
    pub parts: Vec<IsolationPart>,
}

impl Isolation {
    /// The first part that this host lacks.
    #[must_use]
    pub fn missing(&self) -> Option<&IsolationPart> {
        self.parts.iter().find(|part| !part.achieved)
    }
}

/// Whether anything is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsolationLevel {
    /// Every part is achieved.
    Full,
    /// At least one part is missing.
    Reduced,
}

/// One primitive of the host that isolation uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolationPart {
    /// Its name, as a person would say it: `memory limit`.
    pub name: String,
    /// Whether this host provides it.
    pub achieved: bool,
    /// The one command or step that provides it.
    pub remedy: String,
}

/// Why a sandbox could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The host lacks a primitive, and the configured isolation needs it.
    #[error("this host does not provide {name}; {remedy}")]
    Missing {
        /// The name of the [`IsolationPart`].
        name: String,
        /// The one command or step that provides it.
        remedy: String,
    },
    /// A step of this start failed.
    #[error("cannot start a sandbox: {step}: {detail}")]
    Start {
        /// What was being done, with its object: `mount /var/task`.
        step: String,
        /// What the system said.
        detail: String,
    },
}
