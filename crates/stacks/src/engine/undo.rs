//! Undo: what a failed deployment did is taken back.

use super::{
    make::{again, before, enter, is_transient, reason},
    step::{State, Step, Task, Worked},
};
use crate::{
    config,
    model::{Act, Attempt, Event, Incarnation, Progress, ResourceRecord, ResourceStatus},
};
use service::{Desired, Fault, Resource, Turn};
use std::collections::BTreeSet;

/// The next resource that this deployment has touched. Their order is of no concern: everything
/// that was there before is still there.
pub(super) fn next(state: &State, flying: &BTreeSet<String>) -> Option<(String, Task)> {
    let touched = |record: &&ResourceRecord| {
        matches!(record.progress, Some(Progress::Done | Progress::Failed))
            && !flying.contains(&record.logical_id)
    };
    let record = state.records.values().find(touched)?;
    Some((record.logical_id.clone(), Task::Undo(record.clone())))
}

/// Takes back what the deployment did to one resource. What it made is marked as leaving; the
/// cleanup deletes it.
pub(super) async fn undo(step: &Step<'_>, mut record: ResourceRecord) -> Result<Worked, Fault> {
    let Some(attempt) = record.attempt.clone() else {
        return Err(Fault::internal("a resource is taken back that was never begun"));
    };
    let done = record.progress == Some(Progress::Done);
    let mut events = Vec::new();
    match (attempt.act, record.before.clone()) {
        (Act::Update, Some(was)) => return restore(step, record, &attempt, was).await,
        (_, None) if done => {
            record.last_physical_id = record.physical_id().to_owned();
            record.leaving = record.live.take();
        }
        // What its failed creation left is on its way out already.
        (_, None) if record.leaving.is_some() => {}
        (_, None) => {
            enter(step, &mut record, ResourceStatus::DeleteComplete, None);
            events.push(Event::of_resource(&record, &step.deployment));
        }
        (Act::Replace, Some(was)) => {
            if done {
                record.leaving = record.live.take();
            }
            record.kind.clone_from(&was.kind);
            record.live = Some(was);
            enter(step, &mut record, ResourceStatus::UpdateComplete, None);
            events.push(Event::of_resource(&record, &step.deployment));
        }
        (Act::Keep | Act::Create, Some(was)) => {
            record.live = Some(was);
            record.status = ResourceStatus::UpdateComplete;
            record.reason = None;
        }
    }
    record.progress = Some(Progress::Undone);
    step.write(&record, events).await?;
    Ok(Worked::done(record))
}

/// Sets an updated resource back to what it was, also if its update failed half-way.
async fn restore(
    step: &Step<'_>,
    mut record: ResourceRecord,
    attempt: &Attempt,
    was: Incarnation,
) -> Result<Worked, Fault> {
    if record.status != ResourceStatus::UpdateInProgress {
        enter(step, &mut record, ResourceStatus::UpdateInProgress, None);
        step.write(&record, vec![Event::of_resource(&record, &step.deployment)]).await?;
    }
    match update_back(step, &record, &attempt.target, &was).await {
        Ok(resource) => {
            // Of what took the place of another one, at most one stays.
            let others = record.live.take().into_iter().chain(record.leaving.take());
            let mut others: Vec<Incarnation> =
                others.filter(|other| other.physical_id != resource.physical_id).collect();
            record.leaving = others.pop();
            record.leaving_too = others;
            record.live = Some(Incarnation {
                physical_id: resource.physical_id,
                attributes: resource.attributes,
                ..was
            });
            record.progress = Some(Progress::Undone);
            enter(step, &mut record, ResourceStatus::UpdateComplete, None);
        }
        Err(fault) if fault.asks_again().is_some() => {
            return Ok(Worked { record, again: fault.asks_again() });
        }
        Err(fault) if is_transient(&fault) && record.tries + 1 < config::TRIES => {
            return again(step, record, &fault).await;
        }
        Err(fault) => {
            record.progress = Some(Progress::UndoFailed);
            enter(step, &mut record, ResourceStatus::UpdateFailed, Some(reason(&fault)));
        }
    }
    step.write(&record, vec![Event::of_resource(&record, &step.deployment)]).await?;
    Ok(Worked::done(record))
}

async fn update_back(
    step: &Step<'_>,
    record: &ResourceRecord,
    from: &Incarnation,
    to: &Incarnation,
) -> Result<Resource, Fault> {
    let provider = step.provider(&to.kind)?;
    let turn = Turn::Back(step.deployment.continued);
    let cx = step.context(record, &to.kind, &to.tags, turn).await?;
    let from = before(provider.as_ref(), from, to);
    let desired = Desired { properties: &to.properties, generated_name: &to.name };
    // An update may have put another in its place.
    let now = record.live.as_ref().unwrap_or(to);
    step.bounded(provider.update(&cx, &now.physical_id, &from, desired)).await
}
