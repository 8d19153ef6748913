//! Starting a zygote: its own walls, then its program.
//!
//! It stays in the helper's user and pid namespaces, because only from there can it enter those of
//! sandboxes; but as a user of its own, without privileges, without a network, and with a root in
//! which there is nothing but the interpreter. It can enter what that user owns, and by its system
//! call filter only with descriptors of namespaces, which it is given of the sandboxes that it is
//! asked to enter and can get of no others.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::MemfdFlags;

use super::program::Program;
use super::{Etc, Filters, confine, enter_groups, read_plan, root};
use crate::parts::Part;
use crate::protocol::{During, Failure, Plan};
use crate::sys;

/// Where its program finds the helper and the filters of sandboxes' programs.
const CONTROL: i32 = 3;
const FILTERS: i32 = 4;

/// What a zygote gets from the helper.
pub(crate) struct InheritedZygote<'a> {
    /// Holds the [`Plan`].
    pub(crate) plan: OwnedFd,
    /// Where it is asked and tells.
    pub(crate) control: OwnedFd,
    /// Takes the [`Failure`], if the program cannot be started.
    pub(crate) failures: OwnedFd,
    /// What it goes through into its control groups.
    pub(crate) doors: Vec<File>,
    pub(crate) filters: &'a Filters,
}

/// Becomes a zygote. Called in the child of the clone.
pub(crate) fn run(inherited: InheritedZygote<'_>) -> ! {
    // A panic must not unwind into the helper's loop, of which this process is a copy.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let InheritedZygote { plan, control, failures, doors, filters } = inherited;
        let mut keep = vec![plan.as_fd(), control.as_fd(), failures.as_fd()];
        keep.extend(doors.iter().map(AsFd::as_fd));
        let closed = sys::close_all_but(&keep).during(Part::Namespaces, "close what was inherited");
        let entered = closed.and_then(|()| enter_groups(doors));
        let Err(failure) = entered.and_then(|()| become_zygote(plan, &control, filters));
        let text = serde_json::to_vec(&failure).unwrap_or_default();
        // If nobody reads it, nobody is left to tell.
        let _ = File::from(failures).write_all(&text);
    }));
    sys::exit_now(127)
}

fn become_zygote(
    plan: OwnedFd,
    control: &OwnedFd,
    filters: &Filters,
) -> Result<std::convert::Infallible, Failure> {
    let plan = read_plan(plan)?;
    let sources = root::open_sources(&plan.mounts)?;
    let hosts = "127.0.0.1 localhost\n".to_owned();
    let etc = Etc { hosts, resolv_conf: String::new(), certificate: None };
    root::build(&sources, &plan, &etc, root::Processes::Hidden)?;
    drop(sources);
    confine::become_zygote_user()?;
    confine::die_with_helper()?;
    // The filter keeps the size of cores, so its forks cannot set it.
    confine::set_resource_limits(&plan)?;
    rustix::process::setsid().during(Part::Namespaces, "start a session")?;
    connect(&plan, control, filters)?;
    sys::reset_signals();
    let program = Program::of(&plan)?;
    filters.install_for_zygote().during(Part::SystemCalls, "install the system call filter")?;
    let Some(program) = program else { sys::exit_now(0) };
    let error = sys::execute(&program.argv[0], &program.argv, &program.env);
    Err(Failure::new(None, format!("execute {}", plan.argv[0]), error))
}

/// Leaves the program its input, nothing to print to, the server's standard error, and the two
/// descriptors that it knows.
fn connect(plan: &Plan, control: &OwnedFd, filters: &Filters) -> Result<(), Failure> {
    let step = "connect the zygote";
    let in_memory = |bytes: &[u8]| in_memory(bytes).during(Part::Namespaces, step);
    // Above the places that they go to, so that neither is closed on the way.
    let above = |fd: &OwnedFd| rustix::io::fcntl_dupfd_cloexec(fd, FILTERS + 1);
    let (control, filters) = (above(control), above(&in_memory(&filters.to_bytes())?));
    rustix::stdio::dup2_stdin(in_memory(plan.input.as_bytes())?).during(Part::Namespaces, step)?;
    let null = rustix::fs::open("/dev/null", rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty());
    rustix::stdio::dup2_stdout(null.during(Part::Root, "open /dev/null")?)
        .during(Part::Namespaces, step)?;
    for (fd, place) in [(control, CONTROL), (filters, FILTERS)] {
        let fd = fd.during(Part::Namespaces, step)?;
        sys::put(&fd, place).during(Part::Namespaces, step)?;
    }
    sys::close_above_at_exec(FILTERS.unsigned_abs() + 1).during(Part::Namespaces, step)?;
    Ok(())
}

fn in_memory(bytes: &[u8]) -> std::io::Result<OwnedFd> {
    let mut file = File::from(rustix::fs::memfd_create("zygote", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}
