//! Instances that are kept ready for a version, whoever calls or not.

use super::{Book, usable};
use crate::{InstanceKey, InstanceSpec, PoolsConfig, instance::Instance, pools::ProvisionedStatus};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use types::Timestamp;

/// An instance that ends sooner than this after its start counts as a start that failed.
const SHORT_LIFE: Duration = Duration::from_secs(10);
/// The wait after a start that failed; it doubles with each further one.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The longest wait after starts that failed.
const RETRY_MAX: Duration = Duration::from_secs(300);

/// The instances that are kept ready, of all versions.
#[derive(Default)]
pub(super) struct Provisioned(HashMap<InstanceKey, Kept>);

/// Those of one version.
struct Kept {
    spec: Arc<InstanceSpec>,
    wanted: usize,
    members: Vec<Member>,
    starting: usize,
    /// Why the last start failed.
    failure: Option<String>,
    /// Failures since one of them worked for a while.
    failures: u32,
    /// After a failure none starts before.
    retry_at: Timestamp,
}

struct Member {
    instance: Arc<Instance>,
    is_busy: bool,
    /// It gets a successor, and goes when that is there.
    is_old: bool,
}

/// An instance to start ahead. Its place is counted.
pub(in crate::pools) struct Ahead {
    pub(in crate::pools) id: u64,
    pub(in crate::pools) spec: Arc<InstanceSpec>,
}

/// What is to be done now, and when to look again.
pub(in crate::pools) struct Work {
    pub(in crate::pools) starts: Vec<Ahead>,
    pub(in crate::pools) next: Option<Timestamp>,
}

impl Work {
    fn again_at(&mut self, at: Timestamp) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// At this age an instance is replaced, so that there is another one when it is too old.
fn replaced_at(instance: &Instance, config: &PoolsConfig) -> Timestamp {
    instance.created + config.max_age / 10 * 9
}

impl Book {
    /// Says how many instances of which versions are kept ready; of all others none.
    pub(in crate::pools) fn provision(&mut self, wanted: Vec<(Arc<InstanceSpec>, usize)>) {
        let all = &mut self.provisioned.0;
        let keys: HashSet<_> = wanted.iter().map(|(spec, _)| spec.key.clone()).collect();
        for (_, kept) in all.iter_mut().filter(|(key, _)| !keys.contains(*key)) {
            kept.wanted = 0;
        }
        for (spec, wanted) in wanted {
            all.entry(spec.key.clone()).or_insert_with(|| Kept::new(spec)).wanted = wanted;
        }
        self.trim_provisioned();
    }

    /// Takes the most recently started one of a version that is idle.
    pub(super) fn take_provisioned(
        &mut self,
        key: &InstanceKey,
        now: Timestamp,
        config: &PoolsConfig,
    ) -> Option<Arc<Instance>> {
        let members = &mut self.provisioned.0.get_mut(key)?.members;
        let is_free = |one: &&mut Member| !one.is_busy && usable(&one.instance, now, config);
        let found = members.iter_mut().rev().find(is_free)?;
        found.is_busy = true;
        Some(found.instance.clone())
    }

    /// Gives one back after an invocation; `None` if it cannot take another one. True if another
    /// one is wanted in its place.
    pub(in crate::pools) fn give_back_provisioned(
        &mut self,
        key: &InstanceKey,
        id: u64,
        instance: Option<&Instance>,
    ) -> bool {
        let Some(kept) = self.provisioned.0.get_mut(key) else { return false };
        for member in kept.members.iter_mut().filter(|member| member.instance.id == id) {
            member.is_busy = false;
        }
        let is_alive = instance.is_some_and(Instance::is_alive);
        if !is_alive {
            self.total -= kept.remove(|member| member.instance.id == id);
        }
        if !is_alive || kept.members.len() > kept.wanted {
            self.trim_provisioned();
            return true;
        }
        false
    }

    /// Takes up one that has started.
    pub(in crate::pools) fn started_ahead(&mut self, key: &InstanceKey, instance: Arc<Instance>) {
        let Some(kept) = self.provisioned.0.get_mut(key) else { return };
        kept.starting -= 1;
        if kept.failure.take().is_some() {
            kept.failures = 0;
        }
        // One that is dead already has told so before it could be known.
        if instance.is_alive() && !self.closed {
            kept.members.push(Member { instance, is_busy: false, is_old: false });
        } else {
            self.total -= 1;
        }
        self.trim_provisioned();
    }

    /// Notes that one could not be started, and why.
    pub(in crate::pools) fn failed_ahead(
        &mut self,
        key: &InstanceKey,
        why: Option<String>,
        now: Timestamp,
    ) {
        self.total -= 1;
        let Some(kept) = self.provisioned.0.get_mut(key) else { return };
        kept.starting -= 1;
        if why.is_some() {
            kept.failure = why;
            kept.failed(now);
        }
        self.trim_provisioned();
    }

    /// Forgets one that has ended.
    pub(in crate::pools) fn forget_provisioned(
        &mut self,
        key: &InstanceKey,
        id: u64,
        now: Timestamp,
    ) {
        self.running.remove(&id);
        let Some(kept) = self.provisioned.0.get_mut(key) else { return };
        let found = kept.members.iter().find(|member| member.instance.id == id);
        if found.is_some_and(|member| now < member.instance.created + SHORT_LIFE) {
            kept.failed(now);
        }
        self.total -= kept.remove(|member| member.instance.id == id);
        self.trim_provisioned();
    }

    /// Whether one that waits for its turn to start is wanted still.
    pub(in crate::pools) fn is_wanted_ahead(&self, key: &InstanceKey) -> bool {
        let kept = self.provisioned.0.get(key);
        !self.closed && kept.is_some_and(|kept| kept.wanted > 0)
    }

    /// What must be started for all that is wanted. Dead ones go, old ones get a successor.
    pub(in crate::pools) fn keep(&mut self, now: Timestamp, config: &PoolsConfig) -> Work {
        let mut work = Work { starts: Vec::new(), next: None };
        let mut all = std::mem::take(&mut self.provisioned.0);
        for kept in all.values_mut() {
            let useless = |one: &Member| !one.is_busy && !usable(&one.instance, now, config);
            self.total -= kept.remove(useless);
            for _ in 0..kept.missing(now, config, &mut work) {
                if self.total >= config.max_instances && !self.evict() {
                    // The busy ones of others end some time.
                    work.again_at(now + RETRY_AFTER);
                    break;
                }
                self.total += 1;
                self.next_id += 1;
                kept.starting += 1;
                work.starts.push(Ahead { id: self.next_id, spec: kept.spec.clone() });
            }
        }
        self.provisioned.0 = all;
        work
    }

    /// Lets those go that are more than wanted and idle.
    pub(super) fn trim_provisioned(&mut self) {
        let total = &mut self.total;
        self.provisioned.0.retain(|_, kept| {
            *total -= kept.trim();
            kept.wanted > 0 || kept.starting > 0 || !kept.members.is_empty()
        });
    }

    /// Wants none any more of some versions.
    pub(super) fn retire_provisioned(&mut self, outdated: impl Fn(&InstanceKey) -> bool) {
        for (_, kept) in self.provisioned.0.iter_mut().filter(|(key, _)| outdated(key)) {
            kept.wanted = 0;
        }
        self.trim_provisioned();
    }

    /// Whether instances of a version are kept ready.
    pub(in crate::pools) fn is_provisioned(&self, key: &InstanceKey) -> bool {
        self.provisioned.0.get(key).is_some_and(|kept| kept.wanted > 0)
    }

    /// How it stands with those of a version, if they are wanted.
    pub(in crate::pools) fn provisioned(&self, key: &InstanceKey) -> Option<ProvisionedStatus> {
        self.provisioned.0.get(key).filter(|kept| kept.wanted > 0).map(Kept::status)
    }

    /// The same of every version.
    pub(in crate::pools) fn all_provisioned(&self) -> Vec<(InstanceKey, ProvisionedStatus)> {
        let wanted = self.provisioned.0.iter().filter(|(_, kept)| kept.wanted > 0);
        wanted.map(|(key, kept)| (key.clone(), kept.status())).collect()
    }

    /// How many of all versions of a function there are.
    pub(super) fn provisioned_of(&self, function_arn: &str) -> usize {
        let of = self.provisioned.0.iter().filter(|(key, _)| key.function_arn == function_arn);
        of.map(|(_, kept)| kept.members.len()).sum()
    }

    /// How many of each version work or start.
    pub(super) fn busy_provisioned(&self) -> impl Iterator<Item = (&InstanceKey, usize)> {
        self.provisioned.0.iter().map(|(key, kept)| (key, kept.busy() + kept.starting))
    }
}

impl Kept {
    fn new(spec: Arc<InstanceSpec>) -> Self {
        Self {
            spec,
            wanted: 0,
            members: Vec::new(),
            starting: 0,
            failure: None,
            failures: 0,
            retry_at: Timestamp::default(),
        }
    }

    /// How many are to be started now: after a failure one at a time.
    fn missing(&mut self, now: Timestamp, config: &PoolsConfig, work: &mut Work) -> usize {
        let mut lasting = self.starting;
        for member in &mut self.members {
            let proven = member.instance.created + SHORT_LIFE;
            let replaced = replaced_at(&member.instance, config);
            member.is_old = now >= replaced;
            if !member.is_old {
                lasting += 1;
                work.again_at(replaced);
            }
            if now >= proven {
                self.failures = 0;
            } else if self.failures > 0 {
                work.again_at(proven);
            }
        }
        let missing = self.wanted.saturating_sub(lasting);
        match self.failures {
            _ if missing == 0 => 0,
            0 => missing,
            _ if now < self.retry_at => {
                work.again_at(self.retry_at);
                0
            }
            _ => 1_usize.saturating_sub(self.starting),
        }
    }

    /// Failures of the same moment are one.
    fn failed(&mut self, now: Timestamp) {
        if now >= self.retry_at {
            let wait = RETRY_AFTER * 2_u32.saturating_pow(self.failures.min(16));
            self.failures = self.failures.saturating_add(1);
            self.retry_at = now + wait.min(RETRY_MAX);
        }
    }

    /// Removes those that are more than wanted and idle: old ones first. Tells how many.
    fn trim(&mut self) -> usize {
        let before = self.members.len();
        for is_old in [true, false] {
            loop {
                // An old one that works still must not cost its successor.
                let count = self.members.iter().filter(|one| is_old || !one.is_old).count();
                let idle = |one: &Member| !one.is_busy && one.is_old == is_old;
                let found = self.members.iter().position(idle);
                let Some(found) = found.filter(|_| count > self.wanted) else { break };
                self.members.remove(found);
            }
        }
        before - self.members.len()
    }

    /// Removes some members; tells how many.
    fn remove(&mut self, which: impl Fn(&Member) -> bool) -> usize {
        let before = self.members.len();
        self.members.retain(|member| !which(member));
        before - self.members.len()
    }

    fn busy(&self) -> usize {
        self.members.iter().filter(|member| member.is_busy).count()
    }

    fn status(&self) -> ProvisionedStatus {
        ProvisionedStatus {
            wanted: self.wanted,
            ready: self.members.len().min(self.wanted),
            busy: self.busy(),
            failure: self.failure.clone(),
        }
    }
}
