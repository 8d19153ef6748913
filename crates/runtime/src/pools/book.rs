mod provisioned;

pub(super) use provisioned::Ahead;

use super::{PoolsStatus, shares::Shares};
use crate::{InstanceKey, InvokeError, PoolsConfig, Share, instance::Instance};
use provisioned::Provisioned;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Weak},
};
use tokio::sync::oneshot;
use types::Timestamp;

/// Who is where. Pure bookkeeping: nothing here waits. An instance that is dropped from it is
/// killed by its own watcher, so dropping one under the lock costs nothing.
#[derive(Default)]
pub(super) struct Book {
    pools: HashMap<InstanceKey, Pool>,
    provisioned: Provisioned,
    /// Instances and starting ones, of all pools.
    total: usize,
    shares: Shares,
    next_id: u64,
    closed: bool,
    /// Everything that runs, busy or idle, for a shutdown.
    running: HashMap<u64, Weak<Instance>>,
}

#[derive(Default)]
struct Pool {
    /// The most recently used last: it is taken first, so that the others grow old and go.
    idle: Vec<Idle>,
    busy: usize,
    /// Calls that wait for their turn to start an instance, longest first.
    waiting: VecDeque<oneshot::Sender<Arc<Instance>>>,
    retired: bool,
}

struct Idle {
    instance: Arc<Instance>,
    since: Timestamp,
}

/// Where an invocation runs.
pub(super) enum Place {
    /// On this instance, which is kept ready for its version.
    Provisioned(Arc<Instance>),
    /// On this instance.
    Idle(Arc<Instance>),
    /// On a new one with this id.
    New(u64),
}

impl Book {
    /// Takes a place: an instance that is kept ready, else the most recently used idle one, else a
    /// new one. Those that are kept ready are beside all shares: they were set aside before.
    pub(super) fn take(
        &mut self,
        key: &InstanceKey,
        share: Share,
        now: Timestamp,
        config: &PoolsConfig,
    ) -> Result<Place, InvokeError> {
        if self.closed {
            return Err(InvokeError::ShuttingDown);
        }
        let may_run = share != Share::Own(0);
        if may_run && let Some(instance) = self.take_provisioned(key, now, config) {
            return Ok(Place::Provisioned(instance));
        }
        self.shares.check(&key.function_arn, self.on_demand(key, share), now)?;
        let place = self.find(key, now, config)?;
        self.shares.take(&key.function_arn, share);
        Ok(place)
    }

    /// What is left of a share for instances that are not kept ready.
    fn on_demand(&self, key: &InstanceKey, share: Share) -> Share {
        match share {
            Share::Own(limit) => {
                let ready = u32::try_from(self.provisioned_of(&key.function_arn));
                Share::Own(limit.saturating_sub(ready.unwrap_or(u32::MAX)))
            }
            common @ Share::Common(_) => common,
        }
    }

    fn find(
        &mut self,
        key: &InstanceKey,
        now: Timestamp,
        config: &PoolsConfig,
    ) -> Result<Place, InvokeError> {
        if let Some(pool) = self.pools.get_mut(key)
            && let Some(instance) = pool.take_idle(&mut self.total, now, config)
        {
            pool.busy += 1;
            return Ok(Place::Idle(instance));
        }
        if self.total >= config.max_instances && !self.evict() {
            return Err(InvokeError::Capacity { limit: config.max_instances });
        }
        self.pools.entry(key.clone()).or_default().busy += 1;
        self.total += 1;
        Ok(Place::New(self.another_id()))
    }

    /// An id that no instance has had.
    pub(super) fn another_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Lets the instance go that has been idle for the longest time; false if none is idle.
    fn evict(&mut self) -> bool {
        let pools = self.pools.iter_mut().filter(|(_, pool)| !pool.idle.is_empty());
        let Some((key, pool)) = pools.min_by_key(|(_, pool)| pool.idle[0].since) else {
            return false;
        };
        pool.idle.remove(0);
        self.total -= 1;
        let key = key.clone();
        self.tidy(&key);
        true
    }

    /// Gets an instance that has become idle since, or the one that becomes free next, for a call
    /// that has a place for a new one and has not started it.
    pub(super) fn wait(
        &mut self,
        key: &InstanceKey,
        now: Timestamp,
        config: &PoolsConfig,
    ) -> oneshot::Receiver<Arc<Instance>> {
        let (sender, receiver) = oneshot::channel();
        if let Some(pool) = self.pools.get_mut(key) {
            if let Some(instance) = pool.take_idle(&mut self.total, now, config) {
                // The call's place is this instance's now.
                self.total -= 1;
                let _ = sender.send(instance);
                return receiver;
            }
            pool.waiting.retain(|sender| !sender.is_closed());
            pool.waiting.push_back(sender);
        }
        receiver
    }

    /// Ends a lease. The instance goes to a call that waits, or becomes idle if it may, else it
    /// goes; a lease without an instance counts as gone. True if it became idle.
    pub(super) fn give_back(
        &mut self,
        key: &InstanceKey,
        share: Share,
        instance: Option<Arc<Instance>>,
        now: Timestamp,
        config: &PoolsConfig,
    ) -> bool {
        self.shares.free(&key.function_arn, share);
        let Some(pool) = self.pools.get_mut(key) else { return false };
        pool.busy -= 1;
        let may_stay = !pool.retired && !self.closed;
        if let Some(mut instance) = instance.filter(|it| may_stay && usable(it, now, config)) {
            while let Some(waiting) = pool.waiting.pop_front() {
                match waiting.send(instance) {
                    // The place that waited is this instance's now.
                    Ok(()) => {
                        self.total -= 1;
                        return false;
                    }
                    Err(back) => instance = back,
                }
            }
            pool.idle.push(Idle { instance, since: now });
            return true;
        }
        self.total -= 1;
        self.tidy(key);
        false
    }

    /// Notes an instance whose sandbox runs.
    pub(super) fn register(&mut self, instance: &Arc<Instance>) {
        if self.closed {
            instance.doom();
        }
        self.running.insert(instance.id, Arc::downgrade(instance));
    }

    /// Forgets an instance that has ended.
    pub(super) fn forget(&mut self, key: &InstanceKey, id: u64) {
        self.running.remove(&id);
        if let Some(pool) = self.pools.get_mut(key) {
            let before = pool.idle.len();
            pool.idle.retain(|idle| idle.instance.id != id);
            self.total -= before - pool.idle.len();
        }
        self.tidy(key);
    }

    /// Lets the idle instances of outdated keys go; the busy ones will not become idle again.
    pub(super) fn retire(&mut self, outdated: impl Fn(&InstanceKey) -> bool) {
        let total = &mut self.total;
        self.pools.retain(|key, pool| {
            if outdated(key) {
                *total -= pool.idle.len();
                pool.idle.clear();
                pool.retired = true;
            }
            !pool.is_empty()
        });
        self.retire_provisioned(outdated);
    }

    /// Lets instances go that have been idle for too long. Tells when the next one will have been.
    pub(super) fn reap(&mut self, now: Timestamp, config: &PoolsConfig) -> Option<Timestamp> {
        let mut next: Option<Timestamp> = None;
        let total = &mut self.total;
        self.pools.retain(|_, pool| {
            let before = pool.idle.len();
            pool.idle.retain(|idle| now < idle.since + config.idle_timeout);
            *total -= before - pool.idle.len();
            if let Some(idle) = pool.idle.first() {
                let over = idle.since + config.idle_timeout;
                next = Some(next.map_or(over, |next| next.min(over)));
            }
            !pool.is_empty()
        });
        next
    }

    /// Refuses everything from here on, and gives what runs.
    pub(super) fn close(&mut self) -> Vec<Arc<Instance>> {
        self.closed = true;
        let live = self.running.values().filter_map(Weak::upgrade).collect();
        self.retire(|_| true);
        live
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn status(&self) -> PoolsStatus {
        let busy: usize = self.pools.values().map(|pool| pool.busy).sum();
        let ahead: usize = self.busy_provisioned().map(|(_, busy)| busy).sum();
        PoolsStatus { instances: self.total, busy: busy + ahead }
    }

    pub(super) fn busy(&self) -> HashMap<String, usize> {
        let mut all = HashMap::new();
        let on_demand = self.pools.iter().map(|(key, pool)| (key, pool.busy));
        for (key, busy) in on_demand.chain(self.busy_provisioned()).filter(|(_, busy)| *busy > 0) {
            *all.entry(key.function_arn.clone()).or_default() += busy;
        }
        all
    }

    fn tidy(&mut self, key: &InstanceKey) {
        if self.pools.get(key).is_some_and(Pool::is_empty) {
            self.pools.remove(key);
        }
    }
}

impl Pool {
    fn is_empty(&self) -> bool {
        self.busy == 0 && self.idle.is_empty()
    }

    /// Takes the most recently used idle instance. Those that are of no use any more go, and are
    /// no longer counted in `total`.
    fn take_idle(
        &mut self,
        total: &mut usize,
        now: Timestamp,
        config: &PoolsConfig,
    ) -> Option<Arc<Instance>> {
        while let Some(Idle { instance, .. }) = self.idle.pop() {
            if usable(&instance, now, config) {
                return Some(instance);
            }
            *total -= 1;
        }
        None
    }
}

fn usable(instance: &Instance, now: Timestamp, config: &PoolsConfig) -> bool {
    instance.is_alive() && now < instance.created + config.max_age
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::tests::{instance, key};

    const SHARE: Share = Share::Common(10);
    const NOW: Timestamp = Timestamp::from_secs(1);

    /// A book with one idle instance, and the place of a call that came before it was idle.
    fn one_idle_and_one_call() -> (Book, Arc<Instance>) {
        let (mut book, config) = (Book::default(), PoolsConfig::default());
        for id in 1..=2 {
            let place = book.take(&key(), SHARE, NOW, &config);
            assert!(matches!(place, Ok(Place::New(new)) if new == id));
        }
        let instance = Arc::new(instance(1));
        assert!(book.give_back(&key(), SHARE, Some(instance.clone()), NOW, &config));
        assert_eq!(book.status(), PoolsStatus { instances: 2, busy: 1 });
        (book, instance)
    }

    #[test]
    fn a_call_takes_an_instance_that_became_idle_before_it_waited() {
        let (mut book, instance) = one_idle_and_one_call();
        let config = PoolsConfig::default();
        let got = book.wait(&key(), NOW, &config).try_recv().unwrap();
        assert!(Arc::ptr_eq(&got, &instance));
        assert_eq!(book.status(), PoolsStatus { instances: 1, busy: 1 });
        assert!(book.give_back(&key(), SHARE, Some(got), NOW, &config));
        assert_eq!(book.status(), PoolsStatus { instances: 1, busy: 0 });
    }

    #[test]
    fn a_call_that_finds_only_a_dead_instance_waits_for_the_next() {
        let (mut book, instance) = one_idle_and_one_call();
        let config = PoolsConfig::default();
        instance.doom();
        let mut free = book.wait(&key(), NOW, &config);
        assert_eq!(free.try_recv().err(), Some(oneshot::error::TryRecvError::Empty));
        assert_eq!(book.status(), PoolsStatus { instances: 1, busy: 1 });
        assert!(!book.give_back(&key(), SHARE, None, NOW, &config));
        assert_eq!(book.status(), PoolsStatus { instances: 0, busy: 0 });
    }
}
