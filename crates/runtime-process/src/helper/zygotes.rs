//! The zygotes, as the helper sees them, and the way of their forks into sandboxes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::PipeFlags;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions};

use super::cgroup::Group;
use super::instance::{Birthplace, Instance, LIMIT, Program, expose_to_oom};
use super::users::Users;
use super::{Helper, Token, Workshop, watch};
use crate::channel;
use crate::inside::{self, InheritedZygote};
use crate::parts::Part;
use crate::protocol::{Cause, During, Event, Failure, Join, Limits, Told};
use crate::settings::INSIDE_USER;
use crate::sys::{self, Namespaces, Side};

/// A running zygote.
pub(super) struct Zygote {
    pid: Pid,
    /// Readable when it has ended.
    pidfd: OwnedFd,
    control: OwnedFd,
    /// Holds a [`Failure`] when its program could not be started.
    failures: File,
    group: Group,
}

impl Zygote {
    fn start(workshop: &Workshop, id: u64, limits: Limits, plan: OwnedFd) -> Result<Self, Failure> {
        if workshop.users == Users::Shared {
            return Err(Failure::new(None, "start a zygote", "only root may"));
        }
        let mut group = Group::default();
        let made = workshop.groups.fill(&mut group, id, limits).during(Part::Memory, LIMIT);
        let cloned = made.and_then(|()| clone(workshop, &group, plan));
        match cloned {
            Ok(zygote) => Ok(Self { group, ..zygote }),
            Err(failure) => {
                // What stays is swept by the next helper.
                let _ = group.remove();
                Err(failure)
            }
        }
    }

    pub(super) fn kill(&self) {
        // It has ended when this fails.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Waits for its end; its control groups, and why it ended, if it said so.
    pub(super) fn bury(mut self) -> (Group, Option<Failure>) {
        while let Err(rustix::io::Errno::INTR) =
            rustix::process::waitpid(Some(self.pid), WaitOptions::empty())
        {}
        let mut text = Vec::new();
        // It is closed when a program has been started.
        let failure = self.failures.read_to_end(&mut text).ok();
        let failure = failure.and_then(|_| serde_json::from_slice(&text).ok());
        (self.group, failure)
    }
}

fn clone(workshop: &Workshop, group: &Group, plan: OwnedFd) -> Result<Zygote, Failure> {
    let step = "start a zygote";
    let birthplace = Birthplace::of(group)?;
    let (control, theirs) = channel::pair().during(Part::Namespaces, step)?;
    // Whatever a zygote does, the helper never waits for it.
    rustix::io::ioctl_fionbio(&control, true).during(Part::Namespaces, step)?;
    let (read, write) =
        rustix::pipe::pipe_with(PipeFlags::CLOEXEC).during(Part::Namespaces, step)?;
    let cgroup = birthplace.file.as_ref().map(AsFd::as_fd);
    let cloned = sys::clone_into_new_namespaces(Namespaces::ZYGOTE, cgroup);
    match cloned.during(Part::Namespaces, "clone")? {
        Side::Child => inside::run_zygote(InheritedZygote {
            plan,
            control: theirs,
            failures: write,
            doors: birthplace.doors,
            filters: &workshop.filters,
        }),
        Side::Parent((pid, pidfd)) => {
            let zygote =
                Zygote { pid, pidfd, control, failures: File::from(read), group: Group::default() };
            // Only advice to the kernel; forks inherit it.
            let _ = expose_to_oom(pid);
            Ok(zygote)
        }
    }
}

impl Helper {
    pub(super) fn start_zygote(
        &mut self,
        id: u64,
        limits: Limits,
        fds: Vec<OwnedFd>,
    ) -> Result<(), Failure> {
        let workshop = self.workshop.as_ref().map_err(Clone::clone)?;
        let [plan] = <[OwnedFd; 1]>::try_from(fds)
            .map_err(|fds| Failure::new(None, "start a zygote", format!("{} fds", fds.len())))?;
        let zygote = Zygote::start(workshop, id, limits, plan)?;
        let watched = watch(&self.epoll, zygote.control.as_fd(), Token::Told(id))
            .and_then(|()| watch(&self.epoll, zygote.pidfd.as_fd(), Token::ZygoteEnd(id)));
        self.zygotes.insert(id, zygote);
        watched.map_err(|error| Failure::new(None, "watch the zygote", error))
    }

    /// Asks a zygote to fork into a sandbox that is complete but for its program.
    pub(super) fn join(&mut self, id: u64) {
        let Some(instance) = self.instances.get_mut(&id) else { return };
        if let Err(failure) = ask(&self.zygotes, instance, id) {
            instance.failure = Some(failure);
            instance.kill();
            self.killed.push(id);
        }
    }

    /// Hears what a zygote or one of its forks says; whether there was something.
    pub(super) fn be_told(&mut self, zygote: u64) -> io::Result<bool> {
        let Some(control) = self.zygotes.get(&zygote).map(|zygote| &zygote.control) else {
            return Ok(false);
        };
        let told = match channel::receive(control.as_fd()) {
            Ok(Some((told, _))) => told,
            Ok(None) => {
                // It ends, which is noticed by itself. It may have hung up before.
                let _ = epoll_delete(&self.epoll, control);
                return Ok(false);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => {
                super::tell(&format!("a zygote cannot be understood: {error}\n"));
                return Ok(false);
            }
        };
        self.act_on(zygote, told)?;
        Ok(true)
    }

    fn act_on(&mut self, zygote: u64, told: Told) -> io::Result<()> {
        match told {
            Told::Loaded => self.send(&Event::Loaded { id: zygote }, &[]),
            Told::Forked { id, pid } => self.note_program(id, pid),
            Told::Confined { id } => {
                if let Some(joining) = self.joining(id) {
                    joining.confined = true;
                }
                self.announce_when_joined(id)
            }
            Told::Failed { id, step, detail } => {
                if let Some(instance) = self.instances.get_mut(&id) {
                    instance.failure = Some(Failure::new(None, step, detail));
                    instance.kill();
                    self.killed.push(id);
                }
                Ok(())
            }
        }
    }

    fn joining(&mut self, id: u64) -> Option<&mut super::instance::Joining> {
        self.instances.get_mut(&id)?.joining.as_mut()
    }

    fn note_program(&mut self, id: u64, pid: i32) -> io::Result<()> {
        let Some(pid) = Pid::from_raw(pid) else { return Ok(()) };
        let Some(joining) = self.instances.get_mut(&id).and_then(|it| it.joining.as_mut()) else {
            return Ok(());
        };
        // It has ended and was reaped among the strangers.
        let Ok(pidfd) = rustix::process::pidfd_open(pid, PidfdFlags::empty()) else {
            return Ok(());
        };
        watch(&self.epoll, pidfd.as_fd(), Token::ProgramEnd(id))?;
        joining.program = Some(Program { pid, pidfd });
        self.announce_when_joined(id)
    }

    fn announce_when_joined(&mut self, id: u64) -> io::Result<()> {
        match self.joining(id) {
            Some(joining) if joining.confined && joining.program.is_some() => self.announce(id),
            _ => Ok(()),
        }
    }

    /// A program that was forked from a zygote has ended.
    pub(super) fn note_end(&mut self, id: u64) -> io::Result<()> {
        let joining = self.instances.get(&id).and_then(|instance| instance.joining.as_ref());
        if let Some(program) = joining.and_then(|joining| joining.program.as_ref()) {
            // It tells so until it is reaped, which may not be possible yet.
            epoll_delete(&self.epoll, &program.pidfd)?;
            self.ended.push(id);
        }
        Ok(())
    }

    /// Reaps the programs that have ended: nothing shall be left of their sandboxes.
    pub(super) fn end_programs(&mut self) -> io::Result<()> {
        for id in std::mem::take(&mut self.ended) {
            let Some(instance) = self.instances.get_mut(&id) else { continue };
            let program = instance.joining.as_ref().and_then(|it| it.program.as_ref());
            let Some(program) = program else { continue };
            match rustix::process::waitpid(Some(program.pid), WaitOptions::NOHANG) {
                Ok(Some((_, status))) => {
                    instance.ended = Cause::of(status);
                    instance.kill();
                }
                // Its parent has told of it and is about to end; then it is this process's to reap.
                Ok(None) | Err(rustix::io::Errno::CHILD) => self.ended.push(id),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// A zygote has ended, and with it the hope of those that wait for its forks.
    pub(super) fn end_zygote(&mut self, id: u64) -> io::Result<()> {
        let Some(zygote) = self.zygotes.remove(&id) else { return Ok(()) };
        for (number, instance) in &mut self.instances {
            let waits = instance.has_a_stranger();
            if waits && instance.joining.as_ref().is_some_and(|joining| joining.zygote == id) {
                instance.failure =
                    Some(Failure::new(None, "fork the zygote", "the zygote has ended"));
                instance.kill();
                self.killed.push(*number);
            }
        }
        let (group, failure) = zygote.bury();
        self.closing.push(super::Closing {
            group,
            event: Event::ZygoteGone { id, failure },
            tries: 0,
        });
        Ok(())
    }

    /// Reaps what nobody waits for: programs of killed sandboxes whose parent was killed before it
    /// could name them, since until then their sandboxes cannot end, and such parents when their
    /// zygote has ended before them.
    pub(super) fn reap_strangers(&mut self) -> io::Result<()> {
        while let Some(pid) = sys::next_ended_child() {
            if !self.knows(pid) {
                // It may have been named: if so, before it became a child of this process.
                for zygote in self.zygotes.keys().copied().collect::<Vec<_>>() {
                    while self.be_told(zygote)? {}
                }
            }
            if self.knows(pid) {
                // It is waited for where its end is heard of.
                return Ok(());
            }
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
        Ok(())
    }

    fn knows(&self, pid: Pid) -> bool {
        self.zygotes.values().any(|zygote| zygote.pid == pid)
            || self.instances.values().any(|instance| instance.knows(pid))
    }
}

fn ask(zygotes: &HashMap<u64, Zygote>, instance: &mut Instance, id: u64) -> Result<(), Failure> {
    let step = "fork the zygote";
    let namespaces = instance.namespaces().during(Part::Namespaces, step)?;
    let doors = instance.group.doors().during(Part::Memory, LIMIT)?;
    let joining = instance.joining.as_mut();
    let joining = joining.ok_or_else(|| Failure::new(None, step, "it has a program"))?;
    let zygote = zygotes.get(&joining.zygote);
    let zygote = zygote.ok_or_else(|| Failure::new(None, step, "the zygote has ended"))?;
    let handed = joining.handed.take();
    let handed = handed.ok_or_else(|| Failure::new(None, step, "it was asked before"))?;
    let fds: Vec<_> = namespaces
        .iter()
        .map(AsFd::as_fd)
        .chain([handed.plan.as_fd(), handed.output.as_fd()])
        .chain(doors.iter().map(AsFd::as_fd))
        .collect();
    let (user, group) = INSIDE_USER;
    let Limits { open_files, processes, .. } = joining.limits;
    let join = Join { id, user, group, open_files, processes };
    channel::send(zygote.control.as_fd(), &join, &fds)
        .map_err(|error| Failure::new(None, step, error))
}

fn epoll_delete(epoll: &OwnedFd, fd: &OwnedFd) -> rustix::io::Result<()> {
    rustix::event::epoll::delete(epoll, fd)
}
