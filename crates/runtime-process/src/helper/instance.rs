//! One sandbox, as the helper sees it: from the clone to the removal of its last resource.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal, WaitOptions};

use super::Workshop;
use super::cgroup::Group;
use super::furnish::{Furnisher, Waits};
use super::network::{self, Listeners};
use super::users::Users;
use crate::inside::{self, Inherited};
use crate::parts::Part;
use crate::protocol::{Cause, During, Failure, Limits, Report};
use crate::sys::{self, Namespaces, Side};

/// How much likelier than other processes the kernel should end these when the whole host is
/// out of memory, in thousandths.
const OOM_SCORE_ADJUSTMENT: &str = "500";

/// The step of control groups.
pub(super) const LIMIT: &str = "apply the limits";

/// A sandbox whose first process has been cloned.
pub(super) struct Instance {
    pub(super) first: Pid,
    /// Readable when the first process has ended.
    pub(super) pidfd: OwnedFd,
    /// Its reports. Reading never blocks.
    pub(super) reports: File,
    unread: Vec<u8>,
    /// Whether more reports may come.
    pub(super) reporting: bool,
    pub(super) group: Group,
    /// Until they are handed over.
    pub(super) listeners: Option<Listeners>,
    /// Whether its creator has been told that it runs.
    pub(super) announced: bool,
    pub(super) failure: Option<Failure>,
    pub(super) ended: Option<Cause>,
    /// What is known of its program, when a zygote is forked for it.
    pub(super) joining: Option<Joining>,
    /// Where it is told the rest, while it waits for that.
    pub(super) rest: Option<OwnedFd>,
    /// What it waits for, when it was made ahead of need.
    pub(super) waits: Waits,
    /// Who brings it what it waited for.
    pub(super) furnisher: Option<Furnisher>,
}

/// How far a program is that is forked from a zygote.
pub(super) struct Joining {
    pub(super) zygote: u64,
    pub(super) limits: Limits,
    /// For the fork to read and write, until it was asked for.
    pub(super) handed: Option<Handed>,
    pub(super) program: Option<Program>,
    pub(super) confined: bool,
}

impl Joining {
    pub(super) fn new(zygote: u64, limits: Limits, handed: Option<Handed>) -> Self {
        Self { zygote, limits, handed, program: None, confined: false }
    }
}

/// A program whose parent has ended, so that this process reaps it.
pub(super) struct Program {
    pub(super) pid: Pid,
    /// Readable when it has ended.
    pub(super) pidfd: OwnedFd,
}

/// What the first process reads and writes; the helper only hands it on.
pub(super) struct Handed {
    pub(super) plan: OwnedFd,
    pub(super) output: OwnedFd,
    /// Where what was made ahead of need is told the rest.
    pub(super) rest: Option<OwnedFd>,
}

impl Handed {
    /// The same files, to be handed to another process as well.
    pub(super) fn duplicate(&self) -> std::io::Result<Self> {
        Ok(Self { plan: self.plan.try_clone()?, output: self.output.try_clone()?, rest: None })
    }
}

impl Instance {
    /// Clones a sandbox's first process and lets it go on when its user is mapped and its limits
    /// hold.
    pub(super) fn start(
        workshop: &Workshop,
        id: u64,
        limits: Limits,
        handed: Handed,
    ) -> Result<Self, Failure> {
        let mut group = Group::default();
        let made = workshop.groups.fill(&mut group, id, limits).during(Part::Memory, LIMIT);
        let cloned = made.and_then(|()| clone_inside(workshop, &group, handed));
        let (instance, go) = match cloned {
            Ok((cloned, go)) => (Self { group, ..cloned }, go),
            Err(failure) => {
                // What stays is swept by the next helper.
                let _ = group.remove();
                return Err(failure);
            }
        };
        match instance.release(workshop, go) {
            Ok(()) => Ok(instance),
            Err(failure) => {
                instance.discard();
                Err(failure)
            }
        }
    }

    fn release(&self, workshop: &Workshop, go: OwnedFd) -> Result<(), Failure> {
        workshop.users.map(self.first)?;
        // Only advice to the kernel.
        let _ = expose_to_oom(self.first);
        File::from(go).write_all(b"g").during(Part::Namespaces, "start the first process")
    }

    /// Ends a sandbox that nobody has heard of.
    pub(super) fn discard(mut self) {
        self.kill();
        self.reap();
        // What stays is swept by the next helper.
        let _ = self.group.remove();
    }

    /// Reads the reports that have come; `false` when there will be no more.
    pub(super) fn read_reports(&mut self) -> (Vec<Report>, bool) {
        let mut chunk = [0; 4096];
        let open = loop {
            match self.reports.read(&mut chunk) {
                Ok(0) => break false,
                Ok(count) => self.unread.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => break error.kind() == std::io::ErrorKind::WouldBlock,
            }
        };
        let mut reports = Vec::new();
        while let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            reports.extend(serde_json::from_slice::<Report>(&line));
        }
        (reports, open)
    }

    /// The namespaces of the first process, in the order in which a process without privileges can
    /// enter them.
    pub(super) fn namespaces(&self) -> std::io::Result<Vec<File>> {
        let names = ["user", "mnt", "pid", "ipc", "uts", "net", "cgroup"];
        names.into_iter().map(|name| self.namespace(name)).collect()
    }

    pub(super) fn mount_namespace(&self) -> std::io::Result<File> {
        self.namespace("mnt")
    }

    fn namespace(&self, name: &str) -> std::io::Result<File> {
        File::open(format!("/proc/{}/ns/{name}", self.first.as_raw_nonzero()))
    }

    /// Whether its program was parked, and nobody was told that it is no more.
    pub(super) fn has_a_parked_program(&self) -> bool {
        matches!(self.waits, Waits::Program)
    }

    /// Whether its program may be a process that nobody has named yet.
    pub(super) fn has_a_stranger(&self) -> bool {
        let asked_for = |joining: &Joining| joining.handed.is_none() && joining.program.is_none();
        self.joining.as_ref().is_some_and(asked_for)
    }

    /// Whether a child of this process is one of its.
    pub(super) fn knows(&self, pid: Pid) -> bool {
        let program = self.joining.as_ref().and_then(|joining| joining.program.as_ref());
        self.first == pid
            || program.is_some_and(|program| program.pid == pid)
            || self.furnisher.as_ref().is_some_and(|furnisher| furnisher.pid == pid)
    }

    /// Ends every process. The first process's end ends all others of its pid namespace, and it
    /// is not reaped before they are.
    pub(super) fn kill(&self) {
        self.group.kill();
        // It has ended when this fails.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Waits for the end of the first process, and so of all.
    pub(super) fn reap(&mut self) {
        while let Err(rustix::io::Errno::INTR) =
            rustix::process::waitpid(Some(self.first), WaitOptions::empty())
        {}
        // It may be in the sandbox's mount namespace. Nobody wants to know any more how it went.
        drop(self.furnisher.take().map(Furnisher::finish));
    }
}

/// Lets the kernel end this process and those that it forks before others when the whole host is
/// out of memory.
pub(super) fn expose_to_oom(process: Pid) -> std::io::Result<()> {
    fs::write(format!("/proc/{}/oom_score_adj", process.as_raw_nonzero()), OOM_SCORE_ADJUSTMENT)
}

/// Where a first process comes from, as far as control groups are concerned.
pub(super) struct Birthplace {
    /// The directory of version 2 in which it is born.
    pub(super) file: Option<File>,
    /// What it goes through to those of version 1.
    pub(super) doors: Vec<File>,
}

impl Birthplace {
    pub(super) fn of(group: &Group) -> Result<Self, Failure> {
        let file = group.birthplace().during(Part::Memory, LIMIT)?;
        Ok(Self { file, doors: group.doors_of_version_1().during(Part::Memory, LIMIT)? })
    }
}

/// Clones with a new net namespace, listens in it and comes back from it.
fn clone_inside(
    workshop: &Workshop,
    group: &Group,
    handed: Handed,
) -> Result<(Instance, OwnedFd), Failure> {
    let birthplace = Birthplace::of(group)?;
    let made = match workshop.users {
        Users::PerInstance => clone_then_listen(workshop, birthplace, handed),
        // Who is not root may not enter the net namespace of a process that has become another.
        Users::Shared => network::enter_new(&workshop.configuration).and_then(|listeners| {
            let (cloned, go) = clone(workshop, Namespaces::SANDBOX, birthplace, handed)?;
            Ok((Instance { listeners: Some(listeners), ..cloned }, go))
        }),
    };
    // The helper must not stay in a sandbox's net namespace.
    workshop.home.enter()?;
    made
}

fn clone_then_listen(
    workshop: &Workshop,
    birthplace: Birthplace,
    handed: Handed,
) -> Result<(Instance, OwnedFd), Failure> {
    let (mut instance, go) = clone(workshop, Namespaces::SANDBOX_AND_NET, birthplace, handed)?;
    match network::enter(&workshop.configuration, instance.pidfd.as_fd()) {
        Ok(listeners) => {
            instance.listeners = Some(listeners);
            Ok((instance, go))
        }
        Err(failure) => {
            instance.discard();
            Err(failure)
        }
    }
}

fn clone(
    workshop: &Workshop,
    namespaces: Namespaces,
    birthplace: Birthplace,
    handed: Handed,
) -> Result<(Instance, OwnedFd), Failure> {
    let pipe = |flags| rustix::pipe::pipe_with(flags).during(Part::Namespaces, "make a pipe");
    let (go_read, go_write) = pipe(PipeFlags::CLOEXEC)?;
    let (reports_read, reports_write) = pipe(PipeFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&reports_read, true).during(Part::Namespaces, "make a pipe")?;
    let cgroup = birthplace.file.as_ref().map(AsFd::as_fd);
    let cloned =
        workshop.users.as_owner(|| match sys::clone_into_new_namespaces(namespaces, cgroup)? {
            Side::Child => inside::run(Inherited {
                go: go_read,
                plan: handed.plan,
                output: handed.output,
                rest: handed.rest,
                reports: reports_write,
                doors: birthplace.doors,
                etc: &workshop.etc,
                filters: &workshop.filters,
            }),
            Side::Parent(cloned) => Ok::<_, std::io::Error>(cloned),
        })?;
    let (first, pidfd) = cloned.during(Part::Namespaces, "clone")?;
    let instance = Instance {
        first,
        pidfd,
        reports: File::from(reports_read),
        unread: Vec::new(),
        reporting: true,
        group: Group::default(),
        listeners: None,
        announced: false,
        failure: None,
        ended: None,
        joining: None,
        rest: None,
        waits: Waits::No,
        furnisher: None,
    };
    Ok((instance, go_write))
}
