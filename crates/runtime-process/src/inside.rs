//! What happens on the inner side of the clone, before the program: the sandbox's first process
//! builds the walls, starts the program, and stays to reap.
//!
//! Order matters. The mounts' sources are opened while this process still has the user id of the
//! helper, which may enter the data folder; everything else is done as the sandbox's own user,
//! because files that an unmapped user makes are refused.

mod confine;
mod first_process;
mod furnish;
mod landlock;
mod program;
mod root;
mod seccomp;
mod zygote;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

pub(crate) use furnish::{InheritedFurnisher, run as run_furnisher};
pub(crate) use seccomp::Filters;
pub(crate) use zygote::{InheritedZygote, run as run_zygote};

use crate::parts::Part;
use crate::protocol::{During, Failure, Plan, Report, Start};
use crate::sys;

/// Files of `/etc`: where names are looked up, and whom to trust.
pub(crate) struct Etc {
    /// The text of `hosts`, where they are looked for first.
    pub(crate) hosts: String,
    /// The text of `resolv.conf`, which names the servers to ask then.
    pub(crate) resolv_conf: String,
    /// [`crate::CERTIFICATE_FILE`], if there is one.
    pub(crate) certificate: Option<String>,
}

/// What the first process gets from the helper.
pub(crate) struct Inherited<'a> {
    /// Readable when the helper has mapped the user and applied the limits.
    pub(crate) go: OwnedFd,
    /// Holds the [`Plan`].
    pub(crate) plan: OwnedFd,
    /// The program's standard output and error.
    pub(crate) output: OwnedFd,
    /// Where what was made ahead of need is told the rest: a parked program, or the first process
    /// of an empty sandbox.
    pub(crate) rest: Option<OwnedFd>,
    /// Takes the [`Report`]s.
    pub(crate) reports: OwnedFd,
    /// What it goes through into its control groups.
    pub(crate) doors: Vec<File>,
    pub(crate) etc: &'a Etc,
    pub(crate) filters: &'a Filters,
}

/// Runs the sandbox to its end. Called in the child of the clone.
pub(crate) fn run(inherited: Inherited<'_>) -> ! {
    // A panic must not unwind into the helper's loop, of which this process is a copy.
    let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| live(inherited)));
    sys::exit_now(i32::from(end.is_err()))
}

fn live(inherited: Inherited<'_>) {
    let Inherited { go, plan, output, mut rest, reports, doors, etc, filters } = inherited;
    let mut reporter = Reporter(File::from(reports));
    let started = (|| {
        let mut keep = vec![go.as_fd(), plan.as_fd(), output.as_fd(), reporter.0.as_fd()];
        keep.extend(rest.as_ref().map(AsFd::as_fd));
        keep.extend(doors.iter().map(AsFd::as_fd));
        sys::close_all_but(&keep).during(Part::Namespaces, "close what was inherited")?;
        enter_groups(doors)?;
        wait_for(go)?;
        let plan = read_plan(plan)?;
        let sources = root::open_sources(&plan.mounts)?;
        confine::become_sandbox_user()?;
        root::build(&sources, &plan, etc, root::Processes::Own)?;
        confine::give_up_privileges()?;
        landlock::confine()?;
        confine::die_with_helper()?;
        let plan = if plan.start == Start::Wait {
            wait_for_plan(&mut reporter, rest.take())?
        } else {
            plan
        };
        match plan.start {
            Start::Fork => Ok(None),
            Start::Execute | Start::Park | Start::Wait => {
                program::start(&plan, output, rest, filters).map(Some)
            }
        }
    })();
    match started {
        Ok(None) => {
            // The same as below.
            if reporter.report(&Report::Ready).is_ok() {
                drop(reporter);
                sys::ignore_children();
                sys::wait_for_the_end();
            }
        }
        Ok(Some(program)) => {
            // The helper is gone when nobody can take the report: then nobody would end this.
            if reporter.report(&Report::Started).is_ok() {
                let cause = first_process::reap_until_gone(program);
                // The helper counts a missing report as killed.
                let _ = reporter.report(&Report::Ended(cause));
            }
        }
        // The same: without a report the helper says that setting up ended early.
        Err(failure) => drop(reporter.report(&Report::Failed(failure))),
    }
}

/// Takes this process, which has one thread, into control groups.
fn enter_groups(doors: Vec<File>) -> Result<(), Failure> {
    for mut door in doors {
        door.write_all(b"0").during(Part::Memory, "enter the control groups")?;
    }
    Ok(())
}

fn wait_for(go: OwnedFd) -> Result<(), Failure> {
    let mut byte = [0];
    let read = File::from(go).read_exact(&mut byte);
    read.during(Part::Namespaces, "wait for the helper")
}

fn read_plan(plan: OwnedFd) -> Result<Plan, Failure> {
    let mut text = Vec::new();
    let read = File::from(plan).read_to_end(&mut text);
    read.map_err(|error| Failure::new(None, "read the plan", error))?;
    serde_json::from_slice(&text).map_err(|error| Failure::new(None, "read the plan", error))
}

/// Says that the sandbox is complete but for its program, and waits for the one that it gets.
fn wait_for_plan(reporter: &mut Reporter, rest: Option<OwnedFd>) -> Result<Plan, Failure> {
    let step = "wait for a program";
    let rest = rest.ok_or_else(|| Failure::new(None, step, "nothing brings one"))?;
    reporter.report(&Report::Ready).map_err(|error| Failure::new(None, step, error))?;
    read_plan(rest)
}

struct Reporter(File);

impl Reporter {
    /// One line is shorter than `PIPE_BUF`, so it arrives whole.
    fn report(&mut self, report: &Report) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(report)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}
