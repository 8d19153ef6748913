//! What one step of a deployment knows, and how it writes.

use super::is_rolled_back;
use crate::{
    Stacks,
    blueprint::Blueprint,
    config,
    keys::Place,
    model::{
        Deployment, Event, Export, Incarnation, Purpose, ResourceRecord, Settings, Stack, load,
    },
    policy::{Action, StackPolicy},
    sealed::Sealed,
    substitutions::substitutions,
};
use futures_util::future::{Either, select};
use kv::{Scan, Transaction};
use service::{Caller, Fault, ResourceContext, ResourceProvider, Transact, Turn, transact};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use template::{Bound, Graph};
use types::{Tags, Timestamp};

/// What stays the same while a phase is worked on.
pub(super) struct Step<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) place: Place,
    pub(super) deployment: Deployment,
    pub(super) stack: Stack,
    /// The template that is deployed; `None` for a deletion.
    pub(super) plan: Option<Plan>,
    /// The stack's policy, as this update has to keep it.
    policy: Option<StackPolicy>,
    /// Until when new work may begin.
    until: Timestamp,
}

/// A template, ready to be evaluated.
pub(super) struct Plan {
    pub(super) bound: Bound,
    pub(super) graph: Graph,
    /// The values of the exports that it imports.
    pub(super) exports: BTreeMap<String, String>,
    /// What to tell when a resource is made that is not quite what was asked for.
    pub(super) substitutions: BTreeMap<String, String>,
}

/// What changes while a phase is worked on.
pub(super) struct State {
    pub(super) records: BTreeMap<String, ResourceRecord>,
    /// Resources that stay as they are; nothing of that is stored.
    pub(super) kept: BTreeSet<String>,
    /// When resources are to be tried again that are not done. A step that begins tries all.
    pub(super) waiting: BTreeMap<String, Timestamp>,
}

impl State {
    /// Resources to which nothing can be done now: those in the air, and those that wait.
    pub(super) fn busy(&self, flying: &BTreeSet<String>, now: Timestamp) -> BTreeSet<String> {
        let waiting = self.waiting.iter().filter(|(_, due)| **due > now);
        flying.iter().chain(waiting.map(|(id, _)| id)).cloned().collect()
    }

    /// Takes what came of a piece of work; the answer is the resource's logical id.
    pub(super) fn note(&mut self, worked: Worked, now: Timestamp) -> String {
        let Worked { record, again } = worked;
        let id = record.logical_id.clone();
        match again {
            Some(after) => drop(self.waiting.insert(id.clone(), now + after)),
            None => drop(self.waiting.remove(&id)),
        }
        self.records.insert(id.clone(), record);
        id
    }
}

/// A piece of work on one resource.
pub(super) enum Task {
    /// Carry out its attempt; true if the deployment fails already.
    Make(ResourceRecord, bool),
    /// Only write its record.
    Note(ResourceRecord),
    /// Take back what this deployment did to it.
    Undo(ResourceRecord),
    /// End what its update left open.
    Settle(ResourceRecord),
    /// Delete what is on its way out.
    Remove(ResourceRecord),
}

/// What came of it.
pub(super) struct Worked {
    pub(super) record: ResourceRecord,
    /// After which time it should be tried again, if it should.
    pub(super) again: Option<Duration>,
}

impl Worked {
    /// Nothing is left to do now.
    pub(super) fn done(record: ResourceRecord) -> Self {
        Self { record, again: None }
    }
}

impl Step<'_> {
    pub(super) fn now(&self) -> Timestamp {
        self.stacks.platform.clock.now()
    }

    /// Whether the time to begin new work is over.
    pub(super) fn is_over(&self) -> bool {
        self.now() >= self.until
    }

    /// Whether no further resource is to be created or changed.
    pub(super) fn is_stopping(&self, state: &State) -> bool {
        let deployment = &self.deployment;
        let failed =
            |record: &ResourceRecord| record.progress == Some(crate::model::Progress::Failed);
        deployment.cancelled
            || deployment.then_delete
            || deployment.deadline.is_some_and(|deadline| self.now() >= deadline)
            || state.records.values().any(failed)
    }

    /// Why the stack's policy keeps this update from doing something to a resource, if it does.
    pub(super) fn refusal(&self, action: Action, id: &str, kind: &str) -> Option<String> {
        self.policy.as_ref()?.check(action, id, kind).err()
    }

    /// The name that is generated for a resource of this deployment: the same in every run.
    pub(super) fn generated_name(&self, logical_id: &str) -> String {
        let mut hash = Sha256::new();
        for part in [self.place.id.as_str(), &self.deployment.id, logical_id] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let ids = clock::Ids::from_bytes(hash.finalize().into());
        let random = ids.text(config::NAME_RANDOM_CHARS, NAME_ALPHABET);
        format!("{}-{logical_id}-{random}", self.place.name)
    }

    pub(super) fn provider(&self, kind: &str) -> Result<&Arc<dyn ResourceProvider>, Fault> {
        let missing = || Fault::unsupported(format_args!("resource type {kind}"));
        self.stacks.providers.get(kind).ok_or_else(missing)
    }

    /// With what a provider works on a resource.
    pub(super) async fn context(
        &self,
        record: &ResourceRecord,
        kind: &str,
        tags: &Tags,
        turn: Turn,
    ) -> Result<ResourceContext, Fault> {
        let platform = &self.stacks.platform;
        let caller = transact(&platform.store, &WhoActs(self)).await?;
        let unconnected = || Fault::internal("the platform is not connected");
        Ok(ResourceContext {
            caller,
            calls: platform.calls().ok_or_else(unconnected)?.clone(),
            account: self.place.account.clone(),
            region: self.place.region.clone(),
            stack_id: self.place.arn().to_string(),
            stack_name: self.place.name.clone(),
            logical_id: record.logical_id.clone(),
            stack_tags: tags.clone(),
            step: service::Step {
                resource_type: kind.to_owned(),
                deployment: self.deployment.id.clone(),
                turn,
                ..service::Step::default()
            },
        })
    }

    /// The answer of a provider, or that it took too long.
    pub(super) async fn bounded<T>(
        &self,
        call: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, Fault> {
        let timeout = self.stacks.platform.clock.sleep(config::CALL);
        match select(pin!(call), timeout).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(Fault::sender(
                "RequestTimeout",
                format!("No answer within {} seconds", config::CALL.as_secs()),
            )
            .status(503)),
        }
    }

    /// Writes a record and what happened, unless another worker has taken over.
    pub(super) async fn write(
        &self,
        record: &ResourceRecord,
        events: Vec<Event>,
    ) -> Result<(), Fault> {
        transact(&self.stacks.platform.store, &Write { step: self, record, events }).await
    }

    /// Checks in `tx` that this worker is still the one.
    pub(super) async fn guard(&self, tx: &mut Sealed<'_>) -> Result<Deployment, Fault> {
        let current: Option<Deployment> = tx.get_record(&self.place.deployment()).await?;
        let own = |current: &Deployment| {
            current.id == self.deployment.id && current.epoch == self.deployment.epoch
        };
        current.filter(own).ok_or_else(|| Fault::internal("another worker took over a deployment"))
    }

    /// What of a record is on its way out.
    pub(super) fn going<'r>(&self, record: &'r ResourceRecord) -> Option<&'r Incarnation> {
        let stays = match (self.deployment.purpose, &self.plan) {
            (Purpose::Delete, _) => false,
            _ if is_rolled_back(&self.deployment) => true,
            (_, Some(plan)) => plan.graph.resources().any(|id| id == record.logical_id),
            (_, None) => true,
        };
        record.leaving.as_ref().or(record.live.as_ref().filter(|_| !stays))
    }
}

const NAME_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

struct WhoActs<'a>(&'a Step<'a>);

impl Transact for WhoActs<'_> {
    type Output = Caller;

    async fn run(&self, tx: &mut Transaction) -> Result<Caller, Fault> {
        let identities = self.0.stacks.platform.identities();
        let identities = identities.ok_or_else(|| Fault::internal("no identities connected"))?;
        self.0.deployment.actor.caller(identities.as_ref(), tx).await
    }
}

struct Write<'a> {
    step: &'a Step<'a>,
    record: &'a ResourceRecord,
    events: Vec<Event>,
}

impl Transact for Write<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let tx = &mut self.step.stacks.open(tx);
        self.step.guard(tx).await?;
        let place = &self.step.place;
        tx.put_record(place.resource(&self.record.logical_id), self.record)?;
        for event in &self.events {
            event.write(tx, place)?;
        }
        Ok(())
    }
}

/// Begins a step: takes the deployment over and reads everything.
pub(super) async fn begin<'a>(
    stacks: &'a Stacks,
    place: &Place,
    id: &str,
) -> Result<Option<(Step<'a>, State)>, Fault> {
    let until = stacks.platform.clock.now() + config::STEP;
    read(stacks, place, id, true, until).await
}

/// Reads everything again after a phase has ended.
pub(super) async fn reload<'a>(
    stacks: &'a Stacks,
    step: &Step<'a>,
) -> Result<Option<(Step<'a>, State)>, Fault> {
    read(stacks, &step.place, &step.deployment.id, false, step.until).await
}

async fn read<'a>(
    stacks: &'a Stacks,
    place: &Place,
    id: &str,
    take_over: bool,
    until: Timestamp,
) -> Result<Option<(Step<'a>, State)>, Fault> {
    let found = transact(&stacks.platform.store, &Read { stacks, place, id, take_over }).await?;
    let Some(Found { deployment, stack, records, text, exports }) = found else {
        return Ok(None);
    };
    let plan = match text {
        // It was read when it was asked for; a template that another version of Pileus took and
        // this one does not ends the deployment like any failure.
        Some(text) => plan(stacks, &text, &stack.settings, place, exports)
            .inspect_err(|fault| tracing::error!(stack = place.name, %fault, "unusable template"))
            .ok(),
        None => None,
    };
    // It was read when it was set.
    let policy = deployment.policy.as_ref().and_then(|text| StackPolicy::parse(text).ok());
    let step = Step { stacks, place: place.clone(), deployment, stack, plan, policy, until };
    Ok(Some((step, State { records, kept: BTreeSet::new(), waiting: BTreeMap::new() })))
}

fn plan(
    stacks: &Stacks,
    text: &str,
    settings: &Settings,
    place: &Place,
    exports: BTreeMap<String, String>,
) -> Result<Plan, Fault> {
    let blueprint = Blueprint::of(text, settings, place)?;
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for one in substitutions(blueprint.bound.template(), &*stacks.stand_ins) {
        let text = format!("{} ({})", one.text, one.at);
        told.entry(one.resource)
            .and_modify(|told| told.push_str(&format!("; {text}")))
            .or_insert_with(|| format!("Substituted: {text}"));
    }
    let graph = blueprint.bound.graph().map_err(crate::Error::from)?;
    Ok(Plan { bound: blueprint.bound, graph, exports, substitutions: told })
}

struct Found {
    deployment: Deployment,
    stack: Stack,
    records: BTreeMap<String, ResourceRecord>,
    text: Option<String>,
    exports: BTreeMap<String, String>,
}

struct Read<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
    id: &'a str,
    take_over: bool,
}

impl Transact for Read<'_> {
    type Output = Option<Found>;

    async fn run(&self, tx: &mut Transaction) -> Result<Option<Found>, Fault> {
        let (place, tx) = (self.place, &mut self.stacks.open(tx));
        let deployment: Option<Deployment> = tx.get_record(&place.deployment()).await?;
        let stack = load(tx, place).await?;
        let (Some(mut deployment), Some(stack)) = (deployment, stack) else { return Ok(None) };
        if deployment.id != self.id {
            return Ok(None);
        }
        if self.take_over {
            deployment.epoch += 1;
            tx.put_record(place.deployment(), &deployment)?;
        }
        let mut records = BTreeMap::new();
        for entry in tx.scan(&place.resources(), Scan::first(usize::MAX).snapshot()).await? {
            let record: ResourceRecord = tx.decode(&entry)?;
            records.insert(record.logical_id.clone(), record.for_deployment(&deployment.id));
        }
        let (mut text, mut exports) = (None, BTreeMap::new());
        if deployment.purpose != Purpose::Delete && deployment.failure.is_none() {
            text = template_text(tx, place, stack.settings.template).await?;
            for name in &stack.settings.imports {
                let export: Option<Export> = tx.get_record_snapshot(&place.export(name)).await?;
                exports.extend(export.map(|export| (name.clone(), export.value)));
            }
        }
        Ok(Some(Found { deployment, stack, records, text, exports }))
    }
}

/// The text of a template of a stack.
pub(crate) async fn template_text(
    tx: &mut Sealed<'_>,
    place: &Place,
    number: u64,
) -> Result<Option<String>, Fault> {
    Ok(tx.get_text(&place.template(number)).await?)
}

/// The deployment as it is now.
pub(super) async fn current(step: &Step<'_>) -> Result<Deployment, Fault> {
    let mut tx = step.stacks.platform.store.begin();
    step.guard(&mut step.stacks.open(&mut tx)).await
}

/// Whether somebody has changed the deployment since it was read.
pub(super) async fn changed(step: &Step<'_>) -> Result<bool, Fault> {
    Ok(current(step).await? != step.deployment)
}
