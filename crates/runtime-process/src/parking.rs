//! What one helper has made ahead of need: programs that are parked, and sandboxes without one. Made
//! when a function of their kind has been started, ended when none is for a while.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use runtime::sandbox::{Exit, Mount, Parked, SandboxError, SandboxSpec};
use tokio::net::unix::pipe;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::link::{Created, Link, helper_gone, start_error};
use crate::protocol::{Ahead, Failure, Limits, Plan, Start};
use crate::sandbox::ProcessSandbox;
use crate::settings::{PARKING_DEMAND, PARKING_QUIET, PARKING_RETRY, START_TIMEOUT};
use crate::{output, plan_file};

/// What makes two of them interchangeable: all that is fixed when they are made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Class {
    what: What,
    memory_bytes: u64,
    tmp_bytes: u64,
    max_processes: u32,
    max_open_files: u32,
    cpu_millis: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum What {
    /// With a program that waits.
    Program(Parked),
    /// With nothing but these mounts.
    Empty(Vec<Mount>),
}

/// How many are kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Of all classes together.
    pub(crate) most: usize,
    /// After the last start of their class.
    pub(crate) idle: Duration,
}

/// Those of one helper, of one sort. They end with it.
#[derive(Default)]
pub(crate) struct Parking {
    lots: Mutex<Lots>,
    /// Wakes the task that fills and empties.
    wake: Notify,
}

#[derive(Default)]
struct Lots {
    by_class: HashMap<Class, Lot>,
    /// When a start was last wanted, of whatever class.
    last_start: Option<Instant>,
    is_filling: bool,
    is_closed: bool,
}

struct Lot {
    /// The oldest first.
    waiting: VecDeque<Waiting>,
    /// The latest starts, oldest first; never more than may be parked.
    starts: VecDeque<Instant>,
    /// When one could not be started.
    failed: Option<Instant>,
}

/// A sandbox that waits. It has no handle of the helper, which would then never end.
pub(crate) struct Waiting {
    pub(crate) id: u64,
    created: Created,
    output: pipe::Receiver,
    gone: watch::Receiver<Option<Exit>>,
    ahead: Ahead,
}

/// What the task does next.
enum Next {
    Start(Class),
    End(Waiting),
    /// Until something is due, or woken.
    Wait(Option<Instant>),
    Close,
}

impl Class {
    /// The class of programs that can serve this start.
    pub(crate) fn of_program(spec: &SandboxSpec) -> Option<Self> {
        let parked = spec.parked.as_ref().filter(|parked| parked.suits(&spec.env))?;
        let early: Vec<&Mount> = early(spec).collect();
        let same = early.len() == parked.mounts.len()
            && parked.mounts.iter().all(|mount| early.contains(&mount));
        same.then(|| Self::new(What::Program(parked.clone()), spec))
    }

    /// The class of sandboxes that can serve this start.
    pub(crate) fn of_empty(spec: &SandboxSpec) -> Self {
        Self::new(What::Empty(early(spec).cloned().collect()), spec)
    }

    fn new(what: What, spec: &SandboxSpec) -> Self {
        Self {
            what,
            memory_bytes: spec.memory_bytes,
            tmp_bytes: spec.tmp_bytes,
            max_processes: spec.max_processes,
            max_open_files: spec.max_open_files,
            cpu_millis: spec.cpu_millis,
        }
    }

    fn ahead(&self) -> Ahead {
        match self.what {
            What::Program(_) => Ahead::Program,
            What::Empty(_) => Ahead::Empty,
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            memory_bytes: self.memory_bytes.saturating_add(self.tmp_bytes),
            processes: self.max_processes,
            open_files: self.max_open_files,
            cpu_millis: self.cpu_millis,
        }
    }

    fn plan(&self) -> Plan {
        let (argv, env, mounts, start) = match &self.what {
            What::Program(parked) => {
                (parked.argv.clone(), parked.env.clone(), &parked.mounts, Start::Park)
            }
            What::Empty(mounts) => (Vec::new(), Vec::new(), mounts, Start::Wait),
        };
        let mounts = mounts.iter();
        Plan {
            argv,
            env,
            cwd: "/".to_owned(),
            mounts: mounts.map(|mount| (mount.source.clone(), mount.target.clone())).collect(),
            tmp_bytes: self.tmp_bytes,
            open_files: self.max_open_files,
            processes: self.max_processes,
            start,
            input: String::new(),
        }
    }
}

/// Whether something can be mounted there when the sandbox is complete: every one has a directory
/// there.
pub(crate) fn is_late(target: &str) -> bool {
    [runtime::TASK_ROOT, runtime::LAYERS_ROOT].contains(&target)
}

fn early(spec: &SandboxSpec) -> impl Iterator<Item = &Mount> {
    spec.mounts.iter().filter(|mount| !is_late(&mount.target))
}

impl Parking {
    /// Takes one, and has others made for those that come later.
    pub(crate) fn take(
        self: &Arc<Self>,
        link: &Arc<Link>,
        class: Class,
        bounds: Bounds,
    ) -> Option<Waiting> {
        let mut lots = self.lock();
        let now = Instant::now();
        lots.last_start = Some(now);
        let lot = lots.by_class.entry(class).or_insert_with(|| Lot {
            waiting: VecDeque::new(),
            starts: VecDeque::new(),
            failed: None,
        });
        lot.starts.push_back(now);
        while lot.starts.len() > bounds.most {
            lot.starts.pop_front();
        }
        lot.forget_ended(now);
        let taken = lot.waiting.pop_front();
        if !std::mem::replace(&mut lots.is_filling, true) {
            tokio::spawn(keep(Arc::downgrade(link), Arc::clone(self), bounds));
        }
        drop(lots);
        self.wake.notify_one();
        taken
    }

    /// Ends the task. What waits ends with the helper.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Lots> {
        // The lots are whole between any two of their operations.
        self.lots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// How its program starts.
    pub(crate) fn start(&self, zygote: Option<u64>) -> Start {
        match (self.ahead, zygote) {
            (Ahead::Program, _) => Start::Park,
            (_, Some(_)) => Start::Fork,
            (_, None) => Start::Execute,
        }
    }

    /// Makes it somebody's.
    pub(crate) fn into_sandbox(self, link: &Arc<Link>) -> Result<ProcessSandbox, SandboxError> {
        ProcessSandbox::new(Arc::clone(link), self.id, self.created, self.output, self.gone)
    }

    fn is_alive(&self) -> bool {
        self.gone.borrow().is_none() && self.gone.has_changed().is_ok()
    }
}

impl Lot {
    /// How many shall wait: as many as were wanted lately, and one as long as any may be.
    fn wanted(&self, now: Instant) -> usize {
        let lately = |start: &&Instant| now.duration_since(**start) < PARKING_DEMAND;
        self.starts.iter().filter(lately).count().max(1)
    }

    /// One that has ended by itself is a failure: the next one would as well.
    fn forget_ended(&mut self, now: Instant) {
        let before = self.waiting.len();
        self.waiting.retain(Waiting::is_alive);
        if self.waiting.len() < before {
            tracing::warn!("what was made ahead of need has ended");
            self.failed = Some(now);
        }
    }

    fn last_start(&self) -> Option<Instant> {
        self.starts.back().copied()
    }

    fn may_start(&self, now: Instant) -> bool {
        self.failed.is_none_or(|at| now >= at + PARKING_RETRY)
    }
}

impl Lots {
    fn next(&mut self, now: Instant, bounds: Bounds) -> Next {
        if self.is_closed {
            return Next::Close;
        }
        for lot in self.by_class.values_mut() {
            lot.forget_ended(now);
        }
        if let Some(waiting) = self.idle(now, bounds.idle) {
            return Next::End(waiting);
        }
        let idle = self.by_class.values().filter_map(Lot::last_start).min();
        let idle = idle.map(|start| start + bounds.idle);
        let Some(class) = self.poorest(now) else { return Next::Wait(idle) };
        // A burst of starts shall have the processors for itself.
        let quiet = self.last_start.map(|start| start + PARKING_QUIET).filter(|at| *at > now);
        if let Some(quiet) = quiet {
            return Next::Wait(Some(quiet));
        }
        let count: usize = self.by_class.values().map(|lot| lot.waiting.len()).sum();
        if count < bounds.most {
            return Next::Start(class);
        }
        match self.displace(&class) {
            Some(waiting) => Next::End(waiting),
            None => Next::Wait(idle),
        }
    }

    /// Forgets classes that were not wanted for so long; one of theirs.
    fn idle(&mut self, now: Instant, idle: Duration) -> Option<Waiting> {
        let is_idle = |lot: &Lot| lot.last_start().is_none_or(|start| now >= start + idle);
        self.by_class.retain(|_, lot| !is_idle(lot) || !lot.waiting.is_empty());
        self.by_class.values_mut().find(|lot| is_idle(lot))?.waiting.pop_front()
    }

    /// The class that lacks some and was wanted last.
    fn poorest(&self, now: Instant) -> Option<Class> {
        let lacking = self
            .by_class
            .iter()
            .filter(|(_, lot)| lot.waiting.len() < lot.wanted(now) && lot.may_start(now));
        lacking.max_by_key(|(_, lot)| lot.last_start()).map(|(class, _)| class.clone())
    }

    /// Takes one of the class that was not wanted for the longest time, for one of a class
    /// that has none and was wanted later.
    fn displace(&mut self, class: &Class) -> Option<Waiting> {
        let poor = self.by_class.get(class)?;
        let (has_none, since) = (poor.waiting.is_empty(), poor.last_start());
        let rich = self.by_class.values_mut().filter(|lot| !lot.waiting.is_empty());
        let oldest = rich.min_by_key(|lot| lot.last_start())?;
        (has_none && oldest.last_start() < since).then(|| oldest.waiting.pop_front())?
    }
}

/// Makes them where they lack and ends those that nobody wants, one after another.
async fn keep(link: Weak<Link>, parking: Arc<Parking>, bounds: Bounds) {
    loop {
        let next = parking.lock().next(Instant::now(), bounds);
        match next {
            Next::Close => return,
            Next::Wait(None) => parking.wake.notified().await,
            Next::Wait(Some(until)) => tokio::select! {
                () = parking.wake.notified() => {}
                () = sleep_until(until) => {}
            },
            Next::End(waiting) => {
                let Some(link) = link.upgrade() else { return };
                link.kill(waiting.id);
            }
            Next::Start(class) => {
                let Some(link) = link.upgrade() else { return };
                let started = start(&link, &class).await;
                let mut lots = parking.lock();
                // Only this task removes classes.
                let Some(lot) = lots.by_class.get_mut(&class) else { return };
                match started {
                    Ok(waiting) => lot.waiting.push_back(waiting),
                    Err(error) => {
                        tracing::warn!(%error, "nothing can be made ahead of need");
                        lot.failed = Some(Instant::now());
                    }
                }
            }
        }
    }
}

async fn start(link: &Link, class: &Class) -> Result<Waiting, SandboxError> {
    let (output, write) = output::pipe()?;
    let plan = plan_file::write(&class.plan()).map_err(start_error("write the plan"))?;
    let pending = link.make_ahead(class.limits(), class.ahead(), vec![plan, write])?;
    let Ok(created) = timeout(START_TIMEOUT, pending.created).await else {
        link.kill(pending.id);
        return Err(start_error("wait for the sandbox")("it took too long"));
    };
    let created = created.map_err(|_| helper_gone())?;
    let created = created.map_err(|Failure { step, detail, .. }| start_error(&step)(detail))?;
    let (id, gone, ahead) = (pending.id, pending.gone, class.ahead());
    Ok(Waiting { id, created, output, gone, ahead })
}
