//! Giving a sandbox that was made ahead of need what it waits for: files, and then the rest of the
//! plan.
//!
//! A short-lived child of the helper does it, from outside: it opens the files as the helper's
//! user in the host's mounts, enters the sandbox's mount namespace, puts them there and ends. So
//! neither a parked program nor the sandbox's first process ever has a privilege, or a way to
//! the host's files; and the helper never reads a plan. Nothing of a function runs in the sandbox
//! before.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

use rustix::thread::LinkNameSpaceType;

use super::{confine, read_plan, root};
use crate::parts::Part;
use crate::protocol::{During, Failure, Plan, Rest, Start};
use crate::sys;

/// What the child gets from the helper.
pub(crate) struct InheritedFurnisher {
    /// Holds the [`Plan`].
    pub(crate) plan: OwnedFd,
    /// The sandbox's mount namespace.
    pub(crate) mounts: File,
    /// Where the rest is told.
    pub(crate) rest: OwnedFd,
    /// Takes the [`Failure`], if there is one.
    pub(crate) failures: OwnedFd,
}

/// Furnishes a sandbox. Called in a child of the helper.
pub(crate) fn run(inherited: InheritedFurnisher) -> ! {
    // A panic must not unwind into the helper's loop, of which this process is a copy.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let InheritedFurnisher { plan, mounts, rest, failures } = inherited;
        let keep = [plan.as_fd(), mounts.as_fd(), rest.as_fd(), failures.as_fd()];
        let closed = sys::close_all_but(&keep).during(Part::Namespaces, "close what was inherited");
        let furnished = closed.and_then(|()| confine::die_with_helper()).and_then(|()| {
            let plan = read_plan(plan)?;
            attach(&plan, &mounts)?;
            tell(&plan, rest)
        });
        if let Err(failure) = furnished {
            let text = serde_json::to_vec(&failure).unwrap_or_default();
            // If nobody reads it, nobody is left to tell.
            let _ = File::from(failures).write_all(&text);
        }
    }));
    sys::exit_now(0)
}

fn attach(plan: &Plan, mounts: &File) -> Result<(), Failure> {
    let sources = root::open_mounts(&plan.mounts)?;
    rustix::thread::move_into_link_name_space(mounts.as_fd(), Some(LinkNameSpaceType::Mount))
        .during(Part::Root, "enter the sandbox's mounts")?;
    // Entering leads to the root that is there.
    sources.iter().try_for_each(root::attach)
}

fn tell(plan: &Plan, rest: OwnedFd) -> Result<(), Failure> {
    let step = "tell the rest of the plan";
    let text = match plan.start {
        Start::Park => serde_json::to_vec(&Rest { cwd: &plan.cwd, env: &plan.env }),
        Start::Execute | Start::Fork | Start::Wait => serde_json::to_vec(plan),
    };
    // What does not fit into the pipe is refused: the program may not read yet.
    rustix::io::ioctl_fionbio(&rest, true).during(Part::Namespaces, step)?;
    text.map_err(std::io::Error::from)
        .and_then(|text| File::from(rest).write_all(&text))
        .during(Part::Namespaces, step)
}
