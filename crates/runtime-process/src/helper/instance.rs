//! One sandbox, as the helper sees it: from the clone to the removal of its last resource.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal, WaitOptions};

use super::Workshop;
use super::cgroup::Group;
use super::network::{self, Listeners};
use crate::inside::{self, Inherited};
use crate::parts::Part;
use crate::protocol::{Cause, During, Failure, Limits, Report};
use crate::sys::{self, Side};

/// How much likelier than other processes the kernel should end these when the whole host is
/// out of memory, in thousandths.
const OOM_SCORE_ADJUSTMENT: &str = "500";

/// The step of control groups.
const LIMIT: &str = "apply the limits";

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
}

/// What the first process reads and writes; the helper only hands it on.
pub(super) struct Handed {
    pub(super) plan: OwnedFd,
    pub(super) output: OwnedFd,
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
        self.group.take_in(self.first).during(Part::Memory, LIMIT)?;
        // Only advice to the kernel.
        let _ = fs::write(
            format!("/proc/{}/oom_score_adj", self.first.as_raw_nonzero()),
            OOM_SCORE_ADJUSTMENT,
        );
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

    /// Ends every process. The first process's end ends all others of its pid namespace, and it
    /// is not reaped before they are.
    pub(super) fn kill(&self) {
        self.group.kill();
        // It has ended when this fails.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Waits for the end of the first process, and so of all.
    pub(super) fn reap(&self) {
        while let Err(rustix::io::Errno::INTR) =
            rustix::process::waitpid(Some(self.first), WaitOptions::empty())
        {}
    }
}

/// Clones in a new net namespace and comes back from it.
fn clone_inside(
    workshop: &Workshop,
    group: &Group,
    handed: Handed,
) -> Result<(Instance, OwnedFd), Failure> {
    let birthplace = group.birthplace().during(Part::Memory, LIMIT)?;
    let entered = network::enter_new(&workshop.configuration);
    let cloned = entered.and_then(|listeners| clone(workshop, listeners, birthplace, handed));
    // The helper must not stay in a sandbox's net namespace.
    workshop.home.enter()?;
    cloned
}

fn clone(
    workshop: &Workshop,
    listeners: Listeners,
    birthplace: Option<File>,
    handed: Handed,
) -> Result<(Instance, OwnedFd), Failure> {
    let pipe = |flags| rustix::pipe::pipe_with(flags).during(Part::Namespaces, "make a pipe");
    let (go_read, go_write) = pipe(PipeFlags::CLOEXEC)?;
    let (reports_read, reports_write) = pipe(PipeFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&reports_read, true).during(Part::Namespaces, "make a pipe")?;
    let cgroup = birthplace.as_ref().map(AsFd::as_fd);
    match sys::clone_into_new_namespaces(cgroup).during(Part::Namespaces, "clone")? {
        Side::Child => inside::run(Inherited {
            go: go_read,
            plan: handed.plan,
            output: handed.output,
            reports: reports_write,
            hosts: &workshop.hosts,
            filters: &workshop.filters,
        }),
        Side::Parent((first, pidfd)) => {
            let instance = Instance {
                first,
                pidfd,
                reports: File::from(reports_read),
                unread: Vec::new(),
                reporting: true,
                group: Group::default(),
                listeners: Some(listeners),
                announced: false,
                failure: None,
                ended: None,
            };
            Ok((instance, go_write))
        }
    }
}
