//! The parked programs of one helper: started ahead of need when a function of their kind has
//! been started, ended when none is for a while.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use runtime::sandbox::{Exit, Parked, SandboxError, SandboxSpec};
use tokio::net::unix::pipe;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::link::{Created, Link, helper_gone, start_error};
use crate::protocol::{Failure, Limits, Plan, Start};
use crate::settings::{PARKING_DEMAND, PARKING_QUIET, PARKING_RETRY, START_TIMEOUT};
use crate::{output, plan_file};

/// What makes two parked programs interchangeable: all that is fixed at their start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Class {
    parked: Parked,
    memory_bytes: u64,
    tmp_bytes: u64,
    max_processes: u32,
    max_open_files: u32,
    cpu_millis: Option<u32>,
}

/// How many are kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Of all classes together.
    pub(crate) most: usize,
    /// After the last start of their class.
    pub(crate) idle: Duration,
}

/// Those of one helper. They end with it.
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

/// A sandbox whose program waits. It has no handle of the helper, which would then never end.
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) created: Created,
    pub(crate) output: pipe::Receiver,
    pub(crate) gone: watch::Receiver<Option<Exit>>,
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
    /// The class of a start that a parked program can serve.
    pub(crate) fn of(spec: &SandboxSpec) -> Option<Self> {
        let parked = spec.parked.as_ref()?;
        let has = |mount| spec.mounts.contains(mount);
        if !parked.suits(&spec.env) || !parked.mounts.iter().all(has) {
            return None;
        }
        let late = spec.mounts.iter().filter(|mount| !parked.mounts.contains(mount));
        // Only there is a directory to mount on.
        let may_be_late =
            |target: &str| [runtime::TASK_ROOT, runtime::LAYERS_ROOT].contains(&target);
        late.map(|mount| mount.target.as_str()).all(may_be_late).then(|| Self {
            parked: parked.clone(),
            memory_bytes: spec.memory_bytes,
            tmp_bytes: spec.tmp_bytes,
            max_processes: spec.max_processes,
            max_open_files: spec.max_open_files,
            cpu_millis: spec.cpu_millis,
        })
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
        let mounts = self.parked.mounts.iter();
        Plan {
            argv: self.parked.argv.clone(),
            env: self.parked.env.clone(),
            cwd: "/".to_owned(),
            mounts: mounts.map(|mount| (mount.source.clone(), mount.target.clone())).collect(),
            tmp_bytes: self.tmp_bytes,
            open_files: self.max_open_files,
            processes: self.max_processes,
            start: Start::Park,
            input: String::new(),
        }
    }
}

impl Parking {
    /// Takes a parked program, and has others started for those that come later.
    pub(crate) fn take(link: &Arc<Link>, class: Class, bounds: Bounds) -> Option<Waiting> {
        let parking = &link.parking;
        let mut lots = parking.lock();
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
            tokio::spawn(keep(Arc::downgrade(link), Arc::clone(parking), bounds));
        }
        drop(lots);
        parking.wake.notify_one();
        taken
    }

    /// Ends the task. The programs end with the helper.
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
            tracing::warn!("a program that was started ahead of need has ended");
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

    /// Forgets classes that were not wanted for so long; one of their programs.
    fn idle(&mut self, now: Instant, idle: Duration) -> Option<Waiting> {
        let is_idle = |lot: &Lot| lot.last_start().is_none_or(|start| now >= start + idle);
        self.by_class.retain(|_, lot| !is_idle(lot) || !lot.waiting.is_empty());
        self.by_class.values_mut().find(|lot| is_idle(lot))?.waiting.pop_front()
    }

    /// The class that lacks programs and was wanted last.
    fn poorest(&self, now: Instant) -> Option<Class> {
        let lacking = self
            .by_class
            .iter()
            .filter(|(_, lot)| lot.waiting.len() < lot.wanted(now) && lot.may_start(now));
        lacking.max_by_key(|(_, lot)| lot.last_start()).map(|(class, _)| class.clone())
    }

    /// Takes a program of the class that was not wanted for the longest time, for one of a class
    /// that has none and was wanted later.
    fn displace(&mut self, class: &Class) -> Option<Waiting> {
        let poor = self.by_class.get(class)?;
        let (has_none, since) = (poor.waiting.is_empty(), poor.last_start());
        let rich = self.by_class.values_mut().filter(|lot| !lot.waiting.is_empty());
        let oldest = rich.min_by_key(|lot| lot.last_start())?;
        (has_none && oldest.last_start() < since).then(|| oldest.waiting.pop_front())?
    }
}

/// Starts programs where they lack and ends those that nobody wants, one after another.
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
                        tracing::warn!(%error, "no program can be started ahead of need");
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
    let pending = link.park(class.limits(), vec![plan, write])?;
    let Ok(created) = timeout(START_TIMEOUT, pending.created).await else {
        link.kill(pending.id);
        return Err(start_error("wait for the sandbox")("it took too long"));
    };
    let created = created.map_err(|_| helper_gone())?;
    let created = created.map_err(|Failure { step, detail, .. }| start_error(&step)(detail))?;
    Ok(Waiting { id: pending.id, created, output, gone: pending.gone })
}
