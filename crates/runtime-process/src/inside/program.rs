//! Starting the program.

use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::process::Pid;

use super::{Filters, confine};
use crate::parts::Part;
use crate::protocol::{During, Failure, Plan};
use crate::sys::{self, Side};

/// Where a parked program is told the rest: the first place behind the standard streams.
const REST: u32 = 3;

/// Starts the program and returns when it runs.
///
/// # Errors
/// What failed on the way, told by the child through a pipe that a successful start closes.
pub(super) fn start(
    plan: &Plan,
    output: OwnedFd,
    rest: Option<OwnedFd>,
    filters: &Filters,
) -> Result<Pid, Failure> {
    let (told, tell) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
        .during(Part::Namespaces, "make a pipe")?;
    match sys::fork().during(Part::Namespaces, "fork")? {
        Side::Child => {
            let tell = above_rest(tell);
            let Err(failure) = become_program(plan, &output, rest.as_ref(), filters);
            let text = serde_json::to_vec(&failure).unwrap_or_default();
            // If nobody reads it, nobody is left to tell.
            let _ = File::from(tell).write_all(&text);
            sys::exit_now(127);
        }
        Side::Parent(pid) => {
            drop((tell, output, rest));
            let mut text = Vec::new();
            File::from(told)
                .read_to_end(&mut text)
                .during(Part::Namespaces, "wait for the program to start")?;
            if text.is_empty() {
                return Ok(pid);
            }
            Err(serde_json::from_slice(&text)
                .unwrap_or_else(|error| Failure::new(None, "start the program", error)))
        }
    }
}

fn become_program(
    plan: &Plan,
    output: &OwnedFd,
    rest: Option<&OwnedFd>,
    filters: &Filters,
) -> Result<std::convert::Infallible, Failure> {
    rustix::process::setsid().during(Part::Namespaces, "start a session")?;
    let null = rustix::fs::open("/dev/null", rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty())
        .during(Part::Root, "open /dev/null")?;
    let step = "connect the standard streams";
    rustix::stdio::dup2_stdin(null.as_fd()).during(Part::Namespaces, step)?;
    rustix::stdio::dup2_stdout(output.as_fd()).during(Part::Namespaces, step)?;
    rustix::stdio::dup2_stderr(output.as_fd()).during(Part::Namespaces, step)?;
    confine::set_resource_limits(plan)?;
    keep_open(rest).during(Part::Namespaces, "close what was inherited")?;
    sys::reset_signals();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let program = Program::of(plan)?;
    filters.install().during(Part::SystemCalls, "install the system call filter")?;
    let Some(program) = program else { sys::exit_now(0) };
    let error = sys::execute(&program.argv[0], &program.argv, &program.env);
    Err(Failure::new(None, format!("execute {}", plan.argv[0]), error))
}

/// Moves a descriptor out of the way of what a parked program finds.
fn above_rest(fd: OwnedFd) -> OwnedFd {
    // Without a free descriptor it stays, and the program then does not start.
    rustix::io::fcntl_dupfd_cloexec(&fd, REST.cast_signed() + 1).unwrap_or(fd)
}

/// Leaves a parked program one descriptor beside the standard streams, and any other none.
fn keep_open(rest: Option<&OwnedFd>) -> std::io::Result<()> {
    let Some(rest) = rest else { return sys::close_above_at_exec(REST) };
    // From above, because a descriptor that is at its place already would be closed at the start.
    let rest = rustix::io::fcntl_dupfd_cloexec(rest, REST.cast_signed() + 1)?;
    sys::put(&rest, REST.cast_signed())?;
    sys::close_above_at_exec(REST + 1)
}

pub(super) struct Program {
    pub(super) argv: Vec<CString>,
    pub(super) env: Vec<CString>,
}

impl Program {
    /// `None` for a trial.
    pub(super) fn of(plan: &Plan) -> Result<Option<Self>, Failure> {
        if plan.argv.is_empty() {
            return Ok(None);
        }
        rustix::process::chdir(&plan.cwd)
            .map_err(|error| Failure::new(None, format!("enter {}", plan.cwd), error))?;
        let text = |text: String| {
            CString::new(text).map_err(|error| Failure::new(None, "read the plan", error))
        };
        let variable = |(name, value): &(String, String)| text(format!("{name}={value}"));
        let argv = plan.argv.iter().cloned().map(text).collect::<Result<_, _>>()?;
        let env = plan.env.iter().map(variable).collect::<Result<_, _>>()?;
        Ok(Some(Self { argv, env }))
    }
}
