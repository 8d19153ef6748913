use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

/// Whom a written key wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The watch, whatever others there are.
    All,
    /// One of the watches of this kind on the same prefix: the one that was woken longest ago.
    One,
}

/// The watches of one engine on its own process: each engine calls [`Watches::wake`] after it has
/// published a commit. Cheap to clone.
#[derive(Clone, Default)]
pub struct Watches(Arc<Registry>);

#[derive(Default)]
struct Registry {
    /// How many watches there are, so that commits that nobody watches take no lock.
    count: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    by_prefix: HashMap<Bytes, VecDeque<Arc<Slot>>>,
    /// How many watched prefixes have each length.
    lengths: BTreeMap<usize, usize>,
}

struct Slot {
    wake: Wake,
    signal: Mutex<Signal>,
}

#[derive(Default)]
struct Signal {
    fired: bool,
    waker: Option<Waker>,
}

/// Fires after commits under its prefix. A hint: it may fire for nothing, and engines on several
/// nodes may miss a commit, so a waiter also looks again after some time.
pub struct Watch {
    registry: Arc<Registry>,
    prefix: Bytes,
    slot: Arc<Slot>,
}

impl Watches {
    /// No watches yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a watch on the key `prefix` and every key that begins with it.
    #[must_use]
    pub fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        let prefix = Bytes::copy_from_slice(prefix);
        let slot = Arc::new(Slot { wake, signal: Mutex::default() });
        self.0.count.fetch_add(1, Ordering::SeqCst);
        let mut state = lock(&self.0.state);
        let slots = state.by_prefix.entry(prefix.clone()).or_default();
        slots.push_back(slot.clone());
        if slots.len() == 1 {
            *state.lengths.entry(prefix.len()).or_default() += 1;
        }
        drop(state);
        Watch { registry: self.0.clone(), prefix, slot }
    }

    /// Fires the watches that `keys`, just written, concern.
    pub fn wake<'a>(&self, keys: impl IntoIterator<Item = &'a [u8]>) {
        if self.0.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let mut state = lock(&self.0.state);
        let State { by_prefix, lengths } = &mut *state;
        for key in keys {
            for (&length, _) in lengths.range(..=key.len()) {
                if let Some(slots) = by_prefix.get_mut(&key[..length]) {
                    wake_slots(slots);
                }
            }
        }
    }

    /// Fires every watch: what an engine does when it may have missed commits.
    pub fn wake_all(&self) {
        for slot in lock(&self.0.state).by_prefix.values().flatten() {
            slot.fire();
        }
    }
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watches").field("count", &self.0.count).finish()
    }
}

impl Watch {
    /// Waits until something was written under the prefix since the watch was taken, or since this
    /// last returned. Cancel-safe.
    pub async fn changed(&mut self) {
        poll_fn(|cx| self.slot.poll(cx)).await;
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = lock(&self.registry.state);
        let State { by_prefix, lengths } = &mut *state;
        if let Some(slots) = by_prefix.get_mut(&self.prefix) {
            slots.retain(|slot| !Arc::ptr_eq(slot, &self.slot));
            if self.slot.wake == Wake::One && lock(&self.slot.signal).fired {
                wake_one(slots);
            }
            if slots.is_empty() {
                by_prefix.remove(&self.prefix);
                if let Some(count) = lengths.get_mut(&self.prefix.len()) {
                    *count -= 1;
                    if *count == 0 {
                        lengths.remove(&self.prefix.len());
                    }
                }
            }
        }
        self.registry.count.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Slot {
    /// Whether this was news.
    fn fire(&self) -> bool {
        let mut signal = lock(&self.signal);
        if let Some(waker) = signal.waker.take() {
            waker.wake();
        }
        !std::mem::replace(&mut signal.fired, true)
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut signal = lock(&self.signal);
        if std::mem::take(&mut signal.fired) {
            return Poll::Ready(());
        }
        signal.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

fn wake_slots(slots: &mut VecDeque<Arc<Slot>>) {
    // First the one: whoever sees that all were woken finds that it was.
    wake_one(slots);
    for slot in slots.iter().filter(|slot| slot.wake == Wake::All) {
        slot.fire();
    }
}

/// Fires the first single watch that has not fired yet, and moves it to the end of the line.
fn wake_one(slots: &mut VecDeque<Arc<Slot>>) {
    let woken = slots.iter().position(|slot| slot.wake == Wake::One && slot.fire());
    if let Some(slot) = woken.and_then(|position| slots.remove(position)) {
        slots.push_back(slot);
    }
}

/// No code under these locks can panic halfway, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
