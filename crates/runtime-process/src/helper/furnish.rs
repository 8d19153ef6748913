//! Sandboxes made ahead of need, as the helper sees them: each waits for what a child of the helper
//! brings, a parked program or the first process.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::PipeFlags;
use rustix::process::{Pid, WaitOptions};

use super::instance::{Handed, Instance, Joining};
use super::{Helper, Token, watch};
use crate::inside::{self, InheritedFurnisher};
use crate::parts::Part;
use crate::protocol::{Ahead, During, Event, Failure, Limits};
use crate::sys::{self, Side};

const STEP: &str = "furnish the sandbox";

/// What a sandbox waits for that was made ahead of need.
pub(super) enum Waits {
    /// It was not, or waits no longer.
    No,
    /// Its program, for the rest.
    Program,
    /// For its program, which has these limits and whose output goes there.
    Empty(Limits, OwnedFd),
    /// For its program to run; then who asked is told.
    Furnishing,
}

impl Waits {
    pub(super) fn of(ahead: Ahead, limits: Limits, output: &OwnedFd) -> Result<Self, Failure> {
        Ok(match ahead {
            Ahead::No => Self::No,
            Ahead::Program => Self::Program,
            Ahead::Empty => Self::Empty(limits, output.try_clone().during(Part::Namespaces, STEP)?),
        })
    }
}

/// A child that furnishes a sandbox.
pub(super) struct Furnisher {
    pub(super) pid: Pid,
    /// Ends when it has; holds a [`Failure`] if there was one.
    failures: File,
}

impl Furnisher {
    fn start(instance: &mut Instance, plan: OwnedFd) -> Result<Self, Failure> {
        let rest = instance.rest.take();
        let rest = rest.ok_or_else(|| Failure::new(None, STEP, "it is not parked"))?;
        let mounts = instance.mount_namespace().during(Part::Root, STEP)?;
        let (read, write) =
            rustix::pipe::pipe_with(PipeFlags::CLOEXEC).during(Part::Namespaces, STEP)?;
        match sys::fork().during(Part::Namespaces, STEP)? {
            Side::Child => {
                inside::run_furnisher(InheritedFurnisher { plan, mounts, rest, failures: write })
            }
            Side::Parent(pid) => Ok(Self { pid, failures: File::from(read) }),
        }
    }

    /// Waits for its end, which is near; why it failed, if it did.
    pub(super) fn finish(mut self) -> Option<Failure> {
        let mut text = Vec::new();
        let read = self.failures.read_to_end(&mut text);
        while let Err(rustix::io::Errno::INTR) =
            rustix::process::waitpid(Some(self.pid), WaitOptions::empty())
        {}
        if let Err(error) = read {
            return Some(Failure::new(None, STEP, error));
        }
        (!text.is_empty()).then(|| {
            serde_json::from_slice(&text).unwrap_or_else(|error| Failure::new(None, STEP, error))
        })
    }
}

impl Helper {
    pub(super) fn furnish(
        &mut self,
        id: u64,
        zygote: Option<u64>,
        fds: Vec<OwnedFd>,
    ) -> io::Result<()> {
        // It has ended, which its owner is told.
        let Some(instance) = self.instances.get_mut(&id) else { return Ok(()) };
        let started = <[OwnedFd; 1]>::try_from(fds)
            .map_err(|fds| Failure::new(None, STEP, format!("{} descriptors", fds.len())))
            .and_then(|[plan]| {
                prepare(instance, zygote, &plan)?;
                Furnisher::start(instance, plan)
            });
        match started {
            Ok(furnisher) => {
                let furnisher = instance.furnisher.insert(furnisher);
                watch(&self.epoll, furnisher.failures.as_fd(), Token::Furnished(id))
            }
            Err(failure) => {
                instance.waits = Waits::No;
                self.send(&Event::Furnished { id, failure: Some(failure) }, &[])
            }
        }
    }

    /// A furnisher has done what it can.
    pub(super) fn end_furnisher(&mut self, id: u64) -> io::Result<()> {
        let Some(instance) = self.instances.get_mut(&id) else { return Ok(()) };
        let Some(furnisher) = instance.furnisher.take() else { return Ok(()) };
        if let Some(failure) = furnisher.finish() {
            instance.waits = Waits::No;
            return self.send(&Event::Furnished { id, failure: Some(failure) }, &[]);
        }
        if instance.joining.is_some() {
            self.join(id);
        } else if matches!(instance.waits, Waits::Program) {
            // It runs already.
            instance.waits = Waits::Furnishing;
            return self.be_furnished(id);
        }
        Ok(())
    }

    /// A sandbox is complete but for its program.
    pub(super) fn be_ready(&mut self, id: u64) -> io::Result<()> {
        let Some(instance) = self.instances.get(&id) else { return Ok(()) };
        match instance.waits {
            // Its owner may have it before it has a program.
            Waits::Empty(..) => self.announce(id),
            // The second time, when it knows that it is for a fork.
            _ if instance.announced => Ok(()),
            _ => {
                self.join(id);
                Ok(())
            }
        }
    }

    /// The program of a sandbox that was made ahead of need runs.
    pub(super) fn be_furnished(&mut self, id: u64) -> io::Result<()> {
        let Some(instance) = self.instances.get_mut(&id) else { return Ok(()) };
        match std::mem::replace(&mut instance.waits, Waits::No) {
            Waits::Furnishing => self.send(&Event::Furnished { id, failure: None }, &[]),
            other => {
                instance.waits = other;
                Ok(())
            }
        }
    }
}

/// Notes what an empty sandbox gets.
fn prepare(instance: &mut Instance, zygote: Option<u64>, plan: &OwnedFd) -> Result<(), Failure> {
    let (limits, output) = match std::mem::replace(&mut instance.waits, Waits::Furnishing) {
        Waits::Empty(limits, output) => (limits, output),
        other => {
            instance.waits = other;
            return Ok(());
        }
    };
    if let Some(zygote) = zygote {
        let plan = plan.try_clone().during(Part::Namespaces, STEP)?;
        let handed = Handed { plan, output, rest: None };
        instance.joining = Some(Joining::new(zygote, limits, Some(handed)));
    }
    Ok(())
}
