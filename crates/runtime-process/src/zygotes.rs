//! The zygotes of one helper: loaded when they are first wanted, ended when nobody wants them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use runtime::sandbox::{SandboxError, Zygote};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::link::{Link, start_error};
use crate::plan_file;
use crate::protocol::{Limits, Plan, Start};
use crate::settings::{
    START_TIMEOUT, STARTS_WHILE_LOADING, ZYGOTE_AGE, ZYGOTE_MEMORY, ZYGOTE_OPEN_FILES,
    ZYGOTE_PROCESSES, ZYGOTE_RETRY, ZYGOTE_TMP,
};

/// Those of one helper. They end with it.
#[derive(Default)]
pub(crate) struct Zygotes(Mutex<HashMap<Zygote, Entry>>);

struct Entry {
    state: State,
    /// When it was last wanted.
    used: Instant,
    /// When it was started.
    since: Instant,
}

enum State {
    /// So many starts have gone on without it.
    Loading {
        id: u64,
        loaded: watch::Receiver<bool>,
        without: usize,
    },
    Ready {
        id: u64,
        alive: watch::Receiver<bool>,
    },
    /// It could not be loaded at that time.
    Failed(Instant),
}

/// What a start does.
enum Way {
    Fork(u64),
    Execute,
    /// For this one to be loaded.
    Wait(u64, watch::Receiver<bool>),
}

impl Zygotes {
    /// The zygote to fork, if it is loaded, or as soon as it is. The first starts do not wait for
    /// it; without them there would be nothing to wait for.
    pub(crate) async fn find(link: &Arc<Link>, zygote: &Zygote, idle: Duration) -> Option<u64> {
        loop {
            match link.zygotes.way(link, zygote, idle) {
                Way::Fork(id) => return Some(id),
                Way::Execute => return None,
                Way::Wait(id, mut loaded) => {
                    let waited = timeout(START_TIMEOUT, loaded.wait_for(|loaded| *loaded)).await;
                    if waited.is_err() {
                        // It hangs; others shall not wait for it as well.
                        link.kill(id);
                    }
                    waited.ok()?.ok()?;
                }
            }
        }
    }

    fn way(&self, link: &Arc<Link>, zygote: &Zygote, idle: Duration) -> Way {
        let mut entries = self.lock();
        let now = Instant::now();
        let Some(entry) = entries.get_mut(zygote) else {
            let state = State::load(link, zygote, now);
            entries.insert(zygote.clone(), Entry { state, used: now, since: now });
            tokio::spawn(end_when_idle(Arc::downgrade(link), zygote.clone(), idle));
            return Way::Execute;
        };
        entry.used = now;
        entry.advance(now);
        match &mut entry.state {
            State::Ready { id, .. } => Way::Fork(*id),
            State::Loading { id, without, loaded } if *without >= STARTS_WHILE_LOADING => {
                Way::Wait(*id, loaded.clone())
            }
            State::Loading { without, .. } => {
                *without += 1;
                Way::Execute
            }
            State::Failed(at) if now < *at + ZYGOTE_RETRY => Way::Execute,
            State::Failed(_) => {
                entry.state = State::load(link, zygote, now);
                entry.since = now;
                Way::Execute
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Zygote, Entry>> {
        // The map is whole between any two of its operations.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn load(link: &Link, zygote: &Zygote, now: Instant) -> Self {
        match load(link, zygote) {
            Ok((id, loaded)) => Self::Loading { id, loaded, without: 1 },
            Err(error) => {
                tracing::warn!(%error, "a zygote cannot be started");
                Self::Failed(now)
            }
        }
    }
}

impl Entry {
    /// Takes note of what has become of it.
    fn advance(&mut self, now: Instant) {
        let (id, loaded) = match &self.state {
            State::Loading { id, loaded, .. } => (*id, loaded),
            State::Ready { id, alive } => (*id, alive),
            State::Failed(_) => return,
        };
        let (is_loaded, has_ended) = (*loaded.borrow(), loaded.has_changed().is_err());
        if has_ended {
            self.state = State::Failed(now);
        } else if is_loaded && matches!(self.state, State::Loading { .. }) {
            self.state = State::Ready { id, alive: loaded.clone() };
        }
    }

    fn id(&self) -> Option<u64> {
        match self.state {
            State::Loading { id, .. } | State::Ready { id, .. } => Some(id),
            State::Failed(_) => None,
        }
    }
}

fn load(link: &Link, zygote: &Zygote) -> Result<(u64, watch::Receiver<bool>), SandboxError> {
    let limits = Limits {
        memory_bytes: ZYGOTE_MEMORY,
        processes: ZYGOTE_PROCESSES,
        open_files: ZYGOTE_OPEN_FILES,
        cpu_millis: None,
    };
    let mounts = zygote.mounts.iter();
    let plan = Plan {
        argv: zygote.argv.clone(),
        env: zygote.env.clone(),
        cwd: "/".to_owned(),
        mounts: mounts.map(|mount| (mount.source.clone(), mount.target.clone())).collect(),
        tmp_bytes: ZYGOTE_TMP,
        open_files: ZYGOTE_OPEN_FILES,
        processes: ZYGOTE_PROCESSES,
        start: Start::Execute,
        input: zygote.input.to_owned(),
    };
    let plan = plan_file::write(&plan).map_err(start_error("write the zygote's plan"))?;
    link.zygote(limits, plan)
}

/// Ends a zygote that nobody has wanted for so long, or that is so old.
async fn end_when_idle(link: Weak<Link>, zygote: Zygote, idle: Duration) {
    let mut until = Instant::now() + idle.min(ZYGOTE_AGE);
    let id = loop {
        sleep_until(until).await;
        let Some(link) = link.upgrade() else { return };
        let mut entries = link.zygotes.lock();
        let Some(entry) = entries.get(&zygote) else { return };
        until = (entry.used + idle).min(entry.since + ZYGOTE_AGE);
        if until <= Instant::now() {
            let id = entry.id();
            // Whoever wants one from now on loads another.
            entries.remove(&zygote);
            break id;
        }
    };
    // Those who want this one already are done with it by then.
    sleep(START_TIMEOUT).await;
    if let (Some(id), Some(link)) = (id, link.upgrade()) {
        link.kill(id);
    }
}
