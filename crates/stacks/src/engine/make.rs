//! Carrying out an attempt: a record before, the call, a record after.

use super::step::{Step, Worked};
use crate::{
    config,
    model::{Act, Attempt, Event, Incarnation, Keep, Progress, ResourceRecord, ResourceStatus},
    providers,
};
use serde_json::{Map, Value, json};
use service::{Desired, Fault, Resource, ResourceContext, ResourceProvider, Turn};

/// Writes a record whose change needs no call.
pub(super) async fn note(step: &Step<'_>, record: ResourceRecord) -> Result<Worked, Fault> {
    let mut events = Vec::new();
    if record.progress == Some(Progress::Failed) {
        events.push(Event::of_resource(&record, &step.deployment));
    }
    step.write(&record, events).await?;
    Ok(Worked::done(record))
}

/// Carries out the attempt in the record, which an earlier run may have begun.
pub(super) async fn make(
    step: &Step<'_>,
    mut record: ResourceRecord,
    stopping: bool,
) -> Result<Worked, Fault> {
    let Some(attempt) = record.attempt.clone() else {
        return Err(Fault::internal("a resource was begun without an attempt"));
    };
    let (begun, done, failed) = match attempt.act {
        Act::Create => (
            ResourceStatus::CreateInProgress,
            ResourceStatus::CreateComplete,
            ResourceStatus::CreateFailed,
        ),
        _ => (
            ResourceStatus::UpdateInProgress,
            ResourceStatus::UpdateComplete,
            ResourceStatus::UpdateFailed,
        ),
    };
    let run = Run { again: record.progress.is_some(), stopping };
    if record.progress.is_none() {
        record.progress = Some(Progress::Started);
        let replaces = "Requested update requires the creation of a new physical resource; hence \
                        creating one.";
        let reason = (attempt.act == Act::Replace).then(|| replaces.to_owned());
        enter(step, &mut record, begun, reason);
        step.write(&record, vec![Event::of_resource(&record, &step.deployment)]).await?;
    }
    match call(step, &record, &attempt, run).await {
        Ok(resource) => {
            let mut made = attempt.target;
            made.physical_id = resource.physical_id;
            made.attributes = resource.attributes;
            let replaced = |live: &Incarnation| live.physical_id != made.physical_id;
            if attempt.act == Act::Replace || record.live.as_ref().is_some_and(replaced) {
                record.leaving.clone_from(&record.live);
            }
            record.live = Some(made);
            record.progress = Some(Progress::Done);
            let substituted = step
                .plan
                .as_ref()
                .and_then(|plan| plan.substitutions.get(&record.logical_id).cloned());
            enter(step, &mut record, done, substituted);
        }
        Err(fault) if fault.asks_again().is_some() => {
            return goes_on(step, record, attempt.act, &fault).await;
        }
        Err(fault) if is_transient(&fault) && record.tries + 1 < config::TRIES => {
            return again(step, record, &fault).await;
        }
        Err(fault) => {
            record.progress = Some(Progress::Failed);
            if let Some(refused) = record.attempt.as_mut().filter(|_| fault.code() == REFUSAL) {
                refused.act = Act::Keep;
            }
            keep_left(&mut record, attempt, &fault);
            enter(step, &mut record, failed, Some(reason(&fault)));
        }
    }
    step.write(&record, vec![Event::of_resource(&record, &step.deployment)]).await?;
    Ok(Worked::done(record))
}

/// Waits for a resource that takes its time. Once its physical id is known, people see it.
async fn goes_on(
    step: &Step<'_>,
    mut record: ResourceRecord,
    act: Act,
    fault: &Fault,
) -> Result<Worked, Fault> {
    let again = fault.asks_again();
    let known = fault.left().filter(|id| act == Act::Create && record.last_physical_id != *id);
    if let Some(id) = known {
        record.last_physical_id = id.to_owned();
        let reason = Some("Resource creation Initiated".to_owned());
        enter(step, &mut record, ResourceStatus::CreateInProgress, reason);
        step.write(&record, vec![Event::of_resource(&record, &step.deployment)]).await?;
    }
    Ok(Worked { record, again })
}

/// Notes what a failed creation has made, so that it is deleted. If it is what is live, which the
/// creation of a replacement took for its own, it is to be set back like after an update.
fn keep_left(record: &mut ResourceRecord, attempt: Attempt, fault: &Fault) {
    let Some(left) = fault.left() else { return };
    let Attempt { act, target } = attempt;
    if act == Act::Replace && record.live.as_ref().is_some_and(|live| is_same(live, &target, left))
    {
        record.attempt = Some(Attempt { act: Act::Update, target });
    } else if matches!(act, Act::Create | Act::Replace) {
        record.leaving = Some(Incarnation {
            physical_id: left.to_owned(),
            deletion: Keep::Delete,
            replacement: Keep::Delete,
            ..target
        });
    }
}

/// Whether the target under a physical id is what is live.
fn is_same(live: &Incarnation, target: &Incarnation, physical_id: &str) -> bool {
    live.physical_id == physical_id && live.kind == target.kind
}

/// Enters a state.
pub(super) fn enter(
    step: &Step<'_>,
    record: &mut ResourceRecord,
    status: ResourceStatus,
    reason: Option<String>,
) {
    record.status = status;
    record.reason = reason;
    record.updated = step.now();
}

/// Notes that the platform failed, so that it is tried again later.
pub(super) async fn again(
    step: &Step<'_>,
    mut record: ResourceRecord,
    fault: &Fault,
) -> Result<Worked, Fault> {
    tracing::warn!(resource = record.logical_id, %fault, "a resource is tried again");
    record.tries += 1;
    step.write(&record, Vec::new()).await?;
    Ok(Worked { record, again: Some(config::RETRY_PAUSE) })
}

/// Whether the platform failed and not the request.
pub(super) fn is_transient(fault: &Fault) -> bool {
    fault.http_status() >= 500
}

/// The code of a failure that people read in the events as it is.
const OUTCOME: &str = "ResourceFailure";

/// The same of one that came before anything was done: nothing is to be taken back.
const REFUSAL: &str = "ResourceRefusal";

/// The refusal of an update before anything is done, in the words that people read in the events.
pub(crate) fn refusal(text: impl Into<String>) -> Fault {
    Fault::sender(REFUSAL, text)
}

/// A failure of a resource, in the words that people read in the events.
pub(crate) fn outcome(text: impl Into<String>) -> Fault {
    Fault::sender(OUTCOME, text)
}

/// What people read in the events.
pub(super) fn reason(fault: &Fault) -> String {
    match fault.code() {
        OUTCOME | REFUSAL => fault.message().to_owned(),
        code => format!("{} ({code})", fault.message()),
    }
}

/// How a call is made.
#[derive(Clone, Copy)]
struct Run {
    /// It may have been made before.
    again: bool,
    /// The deployment fails already.
    stopping: bool,
}

async fn call(
    step: &Step<'_>,
    record: &ResourceRecord,
    attempt: &Attempt,
    Run { again, stopping }: Run,
) -> Result<Resource, Fault> {
    let target = &attempt.target;
    let provider = step.provider(&target.kind)?;
    let cx = step.context(record, &target.kind, &target.tags, Turn::Forward).await?;
    let cx = ResourceContext { step: service::Step { again, stopping, ..cx.step }, ..cx };
    let desired = Desired { properties: &target.properties, generated_name: &target.name };
    let Some(live) = record.live.as_ref().filter(|_| attempt.act != Act::Create) else {
        return step.bounded(provider.create(&cx, desired)).await;
    };
    if attempt.act == Act::Update {
        let before = before(provider.as_ref(), live, target);
        let update = provider.update(&cx, &live.physical_id, &before, desired);
        return step.bounded(update).await;
    }
    let resource = step.bounded(provider.create(&cx, desired)).await?;
    if is_same(live, target, &resource.physical_id) {
        let text = format!(
            "CloudFormation cannot update a stack when a custom-named resource requires \
             replacing. Rename {} and update the stack again.",
            live.physical_id
        );
        return Err(Fault::sender("ValidationError", text).leaving(&live.physical_id));
    }
    Ok(resource)
}

/// The properties as they were; with the stack's tags among its own if those change, so that the
/// provider, which lays the new ones under both lists, sees the difference: a tag that goes is
/// only here, and one that comes is empty here.
pub(super) fn before(
    provider: &dyn ResourceProvider,
    was: &Incarnation,
    becomes: &Incarnation,
) -> Map<String, Value> {
    let mut properties = was.properties.clone();
    if was.tags == becomes.tags || !providers::has_tags(provider) {
        return properties;
    }
    let own = properties.entry("Tags").or_insert_with(|| json!([]));
    if let Value::Array(list) = own {
        let new = becomes.tags.keys().filter(|key| !was.tags.contains_key(*key));
        let mut all: Vec<Value> = new.map(|key| json!({"Key": key, "Value": ""})).collect();
        all.extend(was.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})));
        all.append(list);
        *list = all;
    }
    properties
}
