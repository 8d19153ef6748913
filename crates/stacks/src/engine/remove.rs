//! Cleanup: what nothing refers to any more is deleted, dependents first.

use super::{
    is_rolled_back,
    make::{again, enter, is_transient, reason},
    step::{State, Step, Task, Worked},
};
use crate::{
    config,
    model::{Act, Event, Incarnation, Keep, Purpose, ResourceRecord, ResourceStatus},
};
use service::{Fault, Turn};
use std::collections::BTreeSet;

/// The next resource that nothing needs which is still to be deleted itself.
pub(super) fn next(
    step: &Step<'_>,
    state: &State,
    flying: &BTreeSet<String>,
) -> Result<Option<(String, Task)>, Fault> {
    let going: Vec<(&ResourceRecord, &Incarnation)> =
        state.records.values().filter_map(|record| Some((record, step.going(record)?))).collect();
    let needed = |id: &str| {
        going
            .iter()
            .any(|(other, incarnation)| other.logical_id != id && incarnation.needs.contains(id))
    };
    let mut waiting = false;
    for (record, _) in &going {
        let id = &record.logical_id;
        if record.stuck || flying.contains(id) {
            continue;
        }
        if !needed(id) {
            return Ok(Some((id.clone(), Task::Remove((*record).clone()))));
        }
        waiting = true;
    }
    if waiting && flying.is_empty() && !going.iter().any(|(record, _)| record.stuck) {
        return Err(Fault::internal("resources that are to be deleted need one another"));
    }
    Ok(None)
}

/// Whether what is going is left alone instead.
fn is_retained(step: &Step<'_>, record: &ResourceRecord, going: &Incarnation) -> bool {
    let deployment = &step.deployment;
    if deployment.retain.contains(&record.logical_id) {
        return true;
    }
    if is_rolled_back(deployment) {
        let created = record.attempt.as_ref().is_some_and(|attempt| attempt.act == Act::Create);
        return created && going.deletion == Keep::Retain && !deployment.retain_except_on_create;
    }
    let replaced = record.leaving.is_some() && deployment.purpose == Purpose::Update;
    let policy = if replaced { going.replacement } else { going.deletion };
    policy != Keep::Delete
}

/// Deletes what is going of one resource.
pub(super) async fn remove(step: &Step<'_>, mut record: ResourceRecord) -> Result<Worked, Fault> {
    let Some(going) = step.going(&record).cloned() else {
        return Ok(Worked::done(record));
    };
    if is_retained(step, &record, &going) {
        return gone(step, record, &going, ResourceStatus::DeleteSkipped).await;
    }
    if record.announced.as_ref() != Some(&going.physical_id) {
        record.announced = Some(going.physical_id.clone());
        show(step, &mut record, &going, ResourceStatus::DeleteInProgress, None).await?;
    }
    match call(step, &record, &going).await {
        Ok(()) => gone(step, record, &going, ResourceStatus::DeleteComplete).await,
        Err(fault) if fault.asks_again().is_some() => {
            Ok(Worked { record, again: fault.asks_again() })
        }
        Err(fault) if is_transient(&fault) && record.tries + 1 < config::TRIES => {
            again(step, record, &fault).await
        }
        Err(fault) => failed(step, record, &going, &fault).await,
    }
}

async fn call(step: &Step<'_>, record: &ResourceRecord, going: &Incarnation) -> Result<(), Fault> {
    let provider = step.provider(&going.kind)?;
    let cx = step.context(record, &going.kind, &going.tags, Turn::Cleanup).await?;
    step.bounded(provider.delete(&cx, &going.physical_id, &going.properties)).await
}

/// Writes the record with a state; of a resource that stays and only loses an incarnation, the
/// state goes into the event alone.
async fn show(
    step: &Step<'_>,
    record: &mut ResourceRecord,
    going: &Incarnation,
    status: ResourceStatus,
    reason: Option<String>,
) -> Result<(), Fault> {
    let event = if record.leaving.is_some() && record.live.is_some() {
        let mut event = Event::of_resource(record, &step.deployment);
        event.time = step.now();
        event.reason = reason;
        event.with(status, &going.physical_id)
    } else {
        enter(step, record, status, reason);
        Event::of_resource(record, &step.deployment).with(status, &going.physical_id)
    };
    step.write(record, vec![event]).await
}

async fn gone(
    step: &Step<'_>,
    mut record: ResourceRecord,
    going: &Incarnation,
    status: ResourceStatus,
) -> Result<Worked, Fault> {
    let stays = record.leaving.is_some() && record.live.is_some();
    forget(&mut record, going);
    record.tries = 0;
    let event = Event::of_resource(&record, &step.deployment).with(status, &going.physical_id);
    let event = Event { time: step.now(), reason: None, ..event };
    if !stays {
        enter(step, &mut record, status, None);
    }
    step.write(&record, vec![event]).await?;
    Ok(Worked::done(record))
}

fn forget(record: &mut ResourceRecord, going: &Incarnation) {
    record.announced = None;
    if record.leaving.take().is_some() {
        record.leaving = record.leaving_too.pop();
    } else {
        record.last_physical_id.clone_from(&going.physical_id);
        record.live = None;
    }
}

/// An update goes on without what it cannot delete, which then belongs to nobody; a deletion and
/// the rollback of a creation end as failed.
async fn failed(
    step: &Step<'_>,
    mut record: ResourceRecord,
    going: &Incarnation,
    fault: &Fault,
) -> Result<Worked, Fault> {
    let status = ResourceStatus::DeleteFailed;
    if step.deployment.purpose == Purpose::Update {
        let event = Event::of_resource(&record, &step.deployment).with(status, &going.physical_id);
        let event = Event { time: step.now(), reason: Some(reason(fault)), ..event };
        forget(&mut record, going);
        record.tries = 0;
        step.write(&record, vec![event]).await?;
        return Ok(Worked::done(record));
    }
    record.stuck = true;
    show(step, &mut record, going, status, Some(reason(fault))).await?;
    Ok(Worked::done(record))
}
