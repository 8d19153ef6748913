//! Parked programs, as the helper sees them: each waits for what a child of the helper brings.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::PipeFlags;
use rustix::process::{Pid, WaitOptions};

use super::instance::Instance;
use super::{Helper, Token, watch};
use crate::inside::{self, InheritedFurnisher};
use crate::parts::Part;
use crate::protocol::{During, Event, Failure};
use crate::sys::{self, Side};

const STEP: &str = "furnish the sandbox";

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
    pub(super) fn furnish(&mut self, id: u64, fds: Vec<OwnedFd>) -> io::Result<()> {
        // It has ended, which its owner is told.
        let Some(instance) = self.instances.get_mut(&id) else { return Ok(()) };
        let started = <[OwnedFd; 1]>::try_from(fds)
            .map_err(|fds| Failure::new(None, STEP, format!("{} descriptors", fds.len())))
            .and_then(|[plan]| Furnisher::start(instance, plan));
        match started {
            Ok(furnisher) => {
                let furnisher = instance.furnisher.insert(furnisher);
                watch(&self.epoll, furnisher.failures.as_fd(), Token::Furnished(id))
            }
            Err(failure) => self.send(&Event::Furnished { id, failure: Some(failure) }, &[]),
        }
    }

    pub(super) fn end_furnisher(&mut self, id: u64) -> io::Result<()> {
        let furnisher = self.instances.get_mut(&id).and_then(|it| it.furnisher.take());
        let Some(furnisher) = furnisher else { return Ok(()) };
        let failure = furnisher.finish();
        self.send(&Event::Furnished { id, failure }, &[])
    }
}
