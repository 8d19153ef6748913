//! The helper process: one thread that clones sandboxes, watches them and removes what they
//! leave. It holds no data and no secret of anybody.
//!
//! It lives as long as the socket to its server does. When the server has gone, however that
//! happened, it ends every sandbox and then itself; when the helper is killed, the kernel ends
//! every sandbox (`PR_SET_PDEATHSIG`), and the next helper removes what is left of it.

mod cgroup;
mod device;
mod furnish;
mod instance;
mod netlink;
mod network;
mod probe;
mod users;
mod zygotes;

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::process::{Resource, Rlimit, WaitOptions};

use crate::channel;
use crate::inside::{Etc, Filters};
use crate::protocol::{Ahead, Cause, Configuration, Event, Failure, Limits, Report, Request};
use crate::sys;
use cgroup::{Group, Groups};
use furnish::Waits;
use instance::{Handed, Instance, Joining};
use users::Users;
use zygotes::Zygote;

/// How long to wait before a control group that was busy is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(1);
/// How often it is tried. Its processes have been reaped: it takes a moment, not seconds.
const RETRIES: u32 = 2_000;

/// The body of the helper process. `main` calls it when the first argument is
/// [`crate::HELPER_ARGUMENT`]; the socket is its standard input.
pub fn helper_main() -> ! {
    let code = match take_socket().and_then(Helper::new).and_then(Helper::serve) {
        Ok(()) => 0,
        Err(error) => {
            tell(&format!("the sandbox helper ends: {error}\n"));
            1
        }
    };
    std::process::exit(code)
}

/// Writes to the server's standard error; there is no logger here.
fn tell(text: &str) {
    // Nobody can be told that telling failed.
    let _ = rustix::io::write(rustix::stdio::stderr(), text.as_bytes());
}

/// Takes the socket from the standard input, which becomes `/dev/null`. Whatever else the server
/// may have left open is closed first.
fn take_socket() -> io::Result<OwnedFd> {
    sys::close_all_but(&[])?;
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let null = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    Ok(socket)
}

/// What it takes to make a sandbox.
struct Workshop {
    configuration: Configuration,
    etc: Etc,
    home: network::Home,
    users: Users,
    groups: Groups,
    filters: Filters,
}

struct Helper {
    socket: OwnedFd,
    epoll: OwnedFd,
    workshop: Result<Workshop, Failure>,
    instances: HashMap<u64, Instance>,
    zygotes: HashMap<u64, Zygote>,
    /// Instances that were killed while a zygote was asked to fork into them.
    killed: Vec<u64>,
    /// Instances whose program was forked from a zygote and has ended, and is not reaped.
    ended: Vec<u64>,
    /// Ended instances whose control groups were busy, with the event that waits for them.
    closing: Vec<Closing>,
}

struct Closing {
    group: Group,
    event: Event,
    tries: u32,
}

/// What a descriptor in the epoll set belongs to.
#[derive(Clone, Copy)]
enum Token {
    Socket,
    Reports(u64),
    End(u64),
    /// A zygote's socket.
    Told(u64),
    ZygoteEnd(u64),
    /// Of a program that was forked from a zygote.
    ProgramEnd(u64),
    /// A parked program has what it waited for.
    Furnished(u64),
}

impl Token {
    fn encode(self) -> EventData {
        EventData::new_u64(match self {
            Self::Socket => 0,
            Self::Reports(id) => id << 3 | 1,
            Self::End(id) => id << 3 | 2,
            Self::Told(id) => id << 3 | 3,
            Self::ZygoteEnd(id) => id << 3 | 4,
            Self::ProgramEnd(id) => id << 3 | 5,
            Self::Furnished(id) => id << 3 | 6,
        })
    }

    fn decode(data: EventData) -> Self {
        let data = data.u64();
        match data & 7 {
            1 => Self::Reports(data >> 3),
            2 => Self::End(data >> 3),
            3 => Self::Told(data >> 3),
            4 => Self::ZygoteEnd(data >> 3),
            5 => Self::ProgramEnd(data >> 3),
            6 => Self::Furnished(data >> 3),
            _ => Self::Socket,
        }
    }
}

impl Helper {
    fn new(socket: OwnedFd) -> io::Result<Self> {
        // A signal from the terminal is for the server, which ends its sandboxes in order.
        rustix::process::setsid()?;
        // The programs that zygotes fork come to this process when their parents end.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        // Every sandbox takes two descriptors here, or four.
        let limit = rustix::process::getrlimit(Resource::Nofile);
        rustix::process::setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        watch(&epoll, socket.as_fd(), Token::Socket)?;
        let workshop = Err(Failure::new(None, "create", "the helper is not configured"));
        Ok(Self {
            socket,
            epoll,
            workshop,
            instances: HashMap::new(),
            zygotes: HashMap::new(),
            killed: Vec::new(),
            ended: Vec::new(),
            closing: Vec::new(),
        })
    }

    fn serve(mut self) -> io::Result<()> {
        let served = self.answer_until_closed();
        for zygote in self.zygotes.values() {
            zygote.kill();
        }
        for instance in self.instances.values() {
            instance.kill();
        }
        // Whatever was forked and whoever knew of it: nothing of a sandbox ends before its program
        // is reaped.
        while !matches!(rustix::process::wait(WaitOptions::empty()), Err(rustix::io::Errno::CHILD))
        {
        }
        for (_, zygote) in self.zygotes.drain() {
            let (group, failure) = zygote.bury();
            let event = Event::ZygoteGone { id: 0, failure };
            self.closing.push(Closing { group, event, tries: 0 });
        }
        for (_, mut instance) in self.instances.drain() {
            self.closing.push(Closing {
                group: std::mem::take(&mut instance.group),
                event: Event::Gone { id: 0, cause: Cause::Signal(9), out_of_memory: false },
                tries: 0,
            });
        }
        while !self.closing.is_empty() {
            std::thread::sleep(RETRY_AFTER);
            self.closing.retain_mut(|closing| !closing.is_done());
        }
        if let Ok(workshop) = &self.workshop {
            workshop.groups.tear_down();
        }
        served
    }

    /// Returns when the server has gone.
    fn answer_until_closed(&mut self) -> io::Result<()> {
        let mut events = Vec::with_capacity(64);
        loop {
            let waits = [self.closing.is_empty(), self.killed.is_empty(), self.ended.is_empty()];
            let waiting = waits.contains(&false);
            let timeout = waiting.then(|| RETRY_AFTER.try_into().expect("a millisecond fits"));
            match epoll::wait(&self.epoll, spare_capacity(&mut events), timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                match Token::decode(event.data) {
                    Token::Socket => match channel::receive(self.socket.as_fd())? {
                        Some((request, fds)) => self.answer(request, fds)?,
                        None => return Ok(()),
                    },
                    Token::Reports(id) => self.hear(id)?,
                    Token::End(id) => self.end(id)?,
                    Token::Told(id) => {
                        self.be_told(id)?;
                    }
                    Token::ZygoteEnd(id) => self.end_zygote(id)?,
                    Token::ProgramEnd(id) => self.note_end(id)?,
                    Token::Furnished(id) => self.end_furnisher(id)?,
                }
            }
            self.end_programs()?;
            self.close()?;
            self.killed.retain(|id| self.instances.get(id).is_some_and(Instance::has_a_stranger));
            self.reap_strangers()?;
        }
    }

    fn answer(&mut self, request: Request, fds: Vec<OwnedFd>) -> io::Result<()> {
        match request {
            Request::Configure(configuration) => {
                let (workshop, ready) = probe::set_up(configuration);
                self.workshop = workshop;
                self.send(&ready, &[])
            }
            Request::Create { id, limits, zygote, ahead } => {
                match self.create(id, limits, (zygote, ahead), fds) {
                    Ok(()) => Ok(()),
                    Err(failure) => self.send(&Event::Failed { id, failure }, &[]),
                }
            }
            Request::Furnish { id, zygote } => self.furnish(id, zygote, fds),
            Request::Zygote { id, limits } => match self.start_zygote(id, limits, fds) {
                Ok(()) => Ok(()),
                Err(failure) => self.send(&Event::ZygoteGone { id, failure: Some(failure) }, &[]),
            },
            Request::Kill { id } => {
                if let Some(instance) = self.instances.get(&id) {
                    instance.kill();
                    self.killed.push(id);
                }
                if let Some(zygote) = self.zygotes.get(&id) {
                    zygote.kill();
                }
                Ok(())
            }
        }
    }

    fn create(
        &mut self,
        id: u64,
        limits: Limits,
        (zygote, ahead): (Option<u64>, Ahead),
        fds: Vec<OwnedFd>,
    ) -> Result<(), Failure> {
        let workshop = self.workshop.as_ref().map_err(Clone::clone)?;
        let [plan, output] = <[OwnedFd; 2]>::try_from(fds)
            .map_err(|fds| Failure::new(None, "create", format!("{} descriptors", fds.len())))?;
        let (read, rest) = if ahead == Ahead::No { (None, None) } else { rest()? };
        let waits = Waits::of(ahead, limits, &output)?;
        let handed = Handed { plan, output, rest: read };
        let joining = match zygote {
            Some(zygote) => {
                let step = |error| Failure::new(None, "fork the zygote", error);
                let handed = Some(handed.duplicate().map_err(step)?);
                Some(Joining::new(zygote, limits, handed))
            }
            None => None,
        };
        let mut instance = Instance::start(workshop, id, limits, handed)?;
        instance.joining = joining;
        (instance.rest, instance.waits) = (rest, waits);
        let watched = watch(&self.epoll, instance.reports.as_fd(), Token::Reports(id))
            .and_then(|()| watch(&self.epoll, instance.pidfd.as_fd(), Token::End(id)));
        if let Err(error) = watched {
            instance.discard();
            return Err(Failure::new(None, "watch the sandbox", error));
        }
        self.instances.insert(id, instance);
        Ok(())
    }

    /// Hears the reports of a sandbox's first process.
    fn hear(&mut self, id: u64) -> io::Result<()> {
        let Some(instance) = self.instances.get_mut(&id) else { return Ok(()) };
        let (reports, open) = instance.read_reports();
        if !open && std::mem::take(&mut instance.reporting) {
            epoll::delete(&self.epoll, &instance.reports)?;
        }
        for report in reports {
            match report {
                Report::Started => self.announce(id)?,
                Report::Ready => self.be_ready(id)?,
                Report::Failed(failure) => {
                    self.record(id, |instance| instance.failure = Some(failure))
                }
                Report::Ended(cause) => self.record(id, |instance| instance.ended = Some(cause)),
            }
        }
        Ok(())
    }

    fn record(&mut self, id: u64, what: impl FnOnce(&mut Instance)) {
        if let Some(instance) = self.instances.get_mut(&id) {
            what(instance);
        }
    }

    /// Hands the listeners of a sandbox over, now that its program runs.
    fn announce(&mut self, id: u64) -> io::Result<()> {
        let Some(instance) = self.instances.get_mut(&id) else { return Ok(()) };
        let Some(listeners) = instance.listeners.take() else { return self.be_furnished(id) };
        instance.announced = true;
        let peak_memory = instance.group.peak_memory.clone();
        let event = Event::Created { id, peak_memory, tls: listeners.tls.is_some() };
        self.send(&event, &listeners.as_fds())
    }

    /// Everything of a sandbox has ended.
    fn end(&mut self, id: u64) -> io::Result<()> {
        self.hear(id)?;
        if self.instances.get(&id).is_some_and(Instance::has_a_parked_program) {
            // It may have had its function, and have ended before that was noticed.
            self.end_furnisher(id)?;
        }
        let Some(mut instance) = self.instances.remove(&id) else { return Ok(()) };
        instance.reap();
        let out_of_memory = instance.group.out_of_memory();
        if matches!(instance.waits, Waits::Furnishing) {
            let failure = instance.failure.take();
            let early = || Failure::new(None, "start the program", "the sandbox has ended");
            let failure = Some(failure.unwrap_or_else(early));
            self.send(&Event::Furnished { id, failure }, &[])?;
        }
        let event = if instance.announced {
            let cause = instance.ended.unwrap_or(Cause::Signal(libc::SIGKILL));
            Event::Gone { id, cause, out_of_memory }
        } else {
            let early = || {
                let detail = if out_of_memory { "out of memory" } else { "ended early" };
                Failure::new(None, "set up", detail)
            };
            Event::Failed { id, failure: instance.failure.take().unwrap_or_else(early) }
        };
        let group = std::mem::take(&mut instance.group);
        self.closing.push(Closing { group, event, tries: 0 });
        Ok(())
    }

    /// Removes the control groups of ended sandboxes and tells of those that are done.
    fn close(&mut self) -> io::Result<()> {
        let mut waiting = Vec::new();
        for mut closing in std::mem::take(&mut self.closing) {
            if closing.is_done() {
                self.send(&closing.event, &[])?;
            } else {
                waiting.push(closing);
            }
        }
        self.closing = waiting;
        Ok(())
    }

    fn send(&self, event: &Event, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        match channel::send(self.socket.as_fd(), event, fds) {
            // The end of the socket is noticed when it is read.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            sent => sent,
        }
    }
}

impl Closing {
    fn is_done(&mut self) -> bool {
        self.tries += 1;
        match self.group.remove() {
            Ok(()) => true,
            Err(error) if self.tries >= RETRIES => {
                tell(&format!("the sandbox helper leaves a control group behind: {error}\n"));
                true
            }
            Err(_) => false,
        }
    }
}

/// Both ends of what tells the rest to what was made ahead of need.
fn rest() -> Result<(Option<OwnedFd>, Option<OwnedFd>), Failure> {
    let pipe = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
    let (read, write) = pipe.map_err(|error| Failure::new(None, "make a pipe", error))?;
    Ok((Some(read), Some(write)))
}

fn watch(epoll: &OwnedFd, fd: BorrowedFd<'_>, token: Token) -> io::Result<()> {
    Ok(epoll::add(epoll, fd, token.encode(), EventFlags::IN)?)
}
