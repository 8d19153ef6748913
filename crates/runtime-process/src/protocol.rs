//! What the server and the helper say to each other, and what a sandbox's first process reads
//! and reports.
//!
//! The helper never sees a program's arguments, environment or mounts: they travel in a file
//! descriptor that it hands on unread, so nothing of one tenant is in the memory from which the
//! next tenant's first process is cloned.

use std::net::IpAddr;
use std::path::PathBuf;

use runtime::sandbox::ExitCause;
use rustix::process::WaitStatus;
use serde::{Deserialize, Serialize};

use crate::parts::{Lack, Part};
use crate::settings::Tls;

/// Server to helper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// First, once. Answered by [`Event::Ready`].
    Configure(Configuration),
    /// With the [`Plan`] and the writing end of the output pipe. Answered by [`Event::Created`]
    /// or [`Event::Failed`].
    /// With `zygote`, that one is forked in the place of the program.
    Create { id: u64, limits: Limits, zygote: Option<u64>, ahead: Ahead },
    /// Gives a sandbox that was made ahead of need what it waits for. With the [`Plan`]; what was
    /// fixed when it was made does not count. With `zygote`, that one is forked in the place of the
    /// program. Answered by [`Event::Furnished`], or by [`Event::Gone`] when it has ended.
    Furnish { id: u64, zygote: Option<u64> },
    /// With the [`Plan`]. Answered by [`Event::Loaded`], and by [`Event::ZygoteGone`] when it has
    /// ended, however early. Ended by [`Request::Kill`].
    Zygote { id: u64, limits: Limits },
    /// Answered by [`Event::Gone`] or, when it had not started yet, by [`Event::Failed`].
    /// Unknown ids are ended already and are ignored.
    Kill { id: u64 },
}

/// Where the platform is, inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Configuration {
    /// The address that the platform's listener has inside.
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    /// The name that resolves to it, if it is reached by name.
    pub(crate) name: Option<String>,
    /// How the platform is reached over TLS, if it is.
    pub(crate) tls: Option<Tls>,
    /// Whether sandboxes have a way out.
    pub(crate) egress: bool,
}

/// What a sandbox may use, as far as those enforce it who do not read its [`Plan`]: control groups,
/// and forks of zygotes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Memory and `/tmp` together: control groups count both as one.
    pub(crate) memory_bytes: u64,
    pub(crate) processes: u32,
    pub(crate) open_files: u32,
    pub(crate) cpu_millis: Option<u32>,
}

/// Helper to server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    Ready {
        lacks: Vec<Lack>,
        root: bool,
        /// Why sandboxes cannot have the way out that they shall have.
        no_egress: Option<String>,
    },
    /// With the listeners of the Runtime API and of the platform, that over TLS if it says so, and
    /// the device of the way out if there is one.
    Created {
        id: u64,
        /// The file with the peak memory in bytes.
        peak_memory: Option<PathBuf>,
        tls: bool,
    },
    Failed {
        id: u64,
        failure: Failure,
    },
    /// What was made ahead of need has what it waited for, and its program runs; or it never will.
    Furnished {
        id: u64,
        failure: Option<Failure>,
    },
    /// A zygote can be forked.
    Loaded {
        id: u64,
    },
    /// A zygote has ended, and why if that is known.
    ZygoteGone {
        id: u64,
        failure: Option<Failure>,
    },
    /// Every process has ended and every resource is released.
    Gone {
        id: u64,
        cause: Cause,
        out_of_memory: bool,
    },
}

/// [`ExitCause`], in transit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cause {
    Code(i32),
    Signal(i32),
}

impl Cause {
    /// How a process has ended, if it has.
    pub(crate) fn of(status: WaitStatus) -> Option<Self> {
        let code = status.exit_status().map(Self::Code);
        code.or_else(|| status.terminating_signal().map(Self::Signal))
    }
}

impl From<Cause> for ExitCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Code(code) => Self::Code(code),
            Cause::Signal(signal) => Self::Signal(signal),
        }
    }
}

/// Which step failed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The primitive that the step needs, when it is one.
    pub(crate) part: Option<Part>,
    pub(crate) step: String,
    pub(crate) detail: String,
}

impl Failure {
    pub(crate) fn new(part: Option<Part>, step: impl Into<String>, detail: impl ToString) -> Self {
        Self { part, step: step.into(), detail: detail.to_string() }
    }
}

/// Adds the step to what the system said.
pub(crate) trait During<T> {
    fn during(self, part: Part, step: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: ToString> During<T> for Result<T, E> {
    fn during(self, part: Part, step: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(Some(part), step, error))
    }
}

/// What to run and what it sees. Read only by the sandbox's own first process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Empty for a trial, which does everything but run a program.
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: String,
    pub(crate) mounts: Vec<(PathBuf, String)>,
    pub(crate) tmp_bytes: u64,
    pub(crate) open_files: u32,
    pub(crate) processes: u32,
    pub(crate) start: Start,
    /// What the program finds on its standard input; nothing if it is empty.
    pub(crate) input: String,
}

/// Whether a sandbox waits for [`Request::Furnish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ahead {
    /// No: it is for somebody.
    No,
    /// Its program waits.
    Program,
    /// It is complete but for its program and that one's files.
    Empty,
}

/// What the first process does when the sandbox is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Start {
    /// It starts the program.
    Execute,
    /// It starts the program, which waits for its [`Rest`].
    Park,
    /// It starts none: the program is forked from a zygote.
    Fork,
    /// It waits for another plan, which says one of the others.
    Wait,
}

/// What a parked program is told, as `runtime::sandbox::Parked` says.
#[derive(Debug, Serialize)]
pub(crate) struct Rest<'a> {
    pub(crate) cwd: &'a str,
    pub(crate) env: &'a [(String, String)],
}

/// Helper to zygote, with the sandbox's namespaces, the plan, the output, and the files that take
/// a process into its control groups. It is all that a fork must know to be confined, so that it
/// reads the plan afterwards.
#[derive(Debug, Serialize)]
pub(crate) struct Join {
    pub(crate) id: u64,
    pub(crate) user: u32,
    pub(crate) group: u32,
    pub(crate) open_files: u32,
    pub(crate) processes: u32,
}

/// Zygote, and those that were forked from it until they are confined, to helper.
#[derive(Debug, Deserialize)]
pub(crate) enum Told {
    /// It can be forked.
    Loaded,
    /// This process of the host is the program of the sandbox, once its parent has ended.
    Forked { id: u64, pid: i32 },
    /// The program is behind its walls.
    Confined { id: u64 },
    /// There is no program.
    Failed { id: u64, step: String, detail: String },
}

/// First process to helper, one JSON text per line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The program runs.
    Started,
    /// Everything is there for a program that is forked from a zygote.
    Ready,
    /// The program does not run.
    Failed(Failure),
    /// The program has ended.
    Ended(Cause),
}
