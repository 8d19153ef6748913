//! Forward: creating, updating and replacing, in the order of what needs what.

use super::step::{Plan, State, Step, Task};
use crate::{
    Error, diff,
    model::{Act, Attempt, Incarnation, Progress, ResourceRecord},
    policy::Action,
    scope::Existing,
};
use serde_json::{Map, Value};
use service::Fault;
use std::collections::BTreeSet;

/// The next resource whose needs are met.
pub(super) fn next(
    step: &Step<'_>,
    state: &mut State,
    flying: &BTreeSet<String>,
) -> Result<Option<(String, Task)>, Fault> {
    let Some(plan) = &step.plan else { return Ok(None) };
    if step.is_stopping(state) {
        return Ok(None);
    }
    if let Some(task) = kept_by_policy(step, plan, state) {
        return Ok(Some(task));
    }
    for id in plan.graph.order() {
        let open = !flying.contains(id) && !is_done(state, id);
        if !open || !plan.graph.needs(id).all(|other| is_done(state, other)) {
            continue;
        }
        if let Some(task) = begin(step, plan, state, id)? {
            return Ok(Some((id.to_owned(), task)));
        }
    }
    Ok(None)
}

/// Whether all that others may refer to of a resource is known.
fn is_done(state: &State, id: &str) -> bool {
    let done = |record: &ResourceRecord| record.progress == Some(Progress::Done);
    state.kept.contains(id) || state.records.get(id).is_some_and(done)
}

/// Whether every resource of the template is as it should be.
pub(super) fn is_complete(plan: &Plan, state: &State) -> bool {
    plan.graph.resources().all(|id| is_done(state, id))
}

/// What exists of the resources that are done.
pub(super) fn existing(plan: &Plan, state: &State) -> Existing {
    let mut scope = Existing::new(plan.exports.clone());
    for (id, record) in &state.records {
        if let Some(live) = record.live.as_ref().filter(|_| is_done(state, id)) {
            scope.insert(id, live);
        }
    }
    scope
}

/// The task for a resource; `None` if it stays as it is.
fn begin(step: &Step<'_>, plan: &Plan, state: &mut State, id: &str) -> Result<Option<Task>, Fault> {
    let Some(resource) = plan.bound.template().resources.get(id) else { return Ok(None) };
    let fresh = || ResourceRecord::new(id, &resource.kind, &step.deployment.id, step.now());
    let mut record = state.records.get(id).cloned().unwrap_or_else(fresh);
    let properties = match properties(plan, state, id) {
        Ok(properties) => properties,
        Err(reason) => return Ok(Some(failed(record, reason))),
    };
    let provider = step.provider(&resource.kind)?;
    let tags = &step.stack.settings.tags;
    let live = record.live.as_ref();
    let act = diff::act(live, &resource.kind, &properties, provider.as_ref(), tags);
    if let Some(live) = live.filter(|live| live.properties != properties || live.tags != *tags) {
        let action = match act {
            Act::Update => Some(Action::Modify),
            Act::Replace => Some(Action::Replace),
            Act::Keep | Act::Create => None,
        };
        let refusal = action.and_then(|action| step.refusal(action, id, &live.kind));
        if let Some(reason) = refusal {
            return Ok(Some(failed(record, reason)));
        }
    }
    let name = match (act, live) {
        (Act::Keep | Act::Update, Some(live)) => live.name.clone(),
        _ => step.generated_name(id),
    };
    let mut target = Incarnation {
        name,
        properties,
        needs: plan.graph.needs(id).map(str::to_owned).collect(),
        deletion: resource.deletion_policy.into(),
        replacement: resource.update_replace_policy.into(),
        tags: tags.clone(),
        ..empty(&resource.kind)
    };
    if let (Act::Keep | Act::Update, Some(live)) = (act, live) {
        target.physical_id.clone_from(&live.physical_id);
        target.attributes.clone_from(&live.attributes);
    }
    if act == Act::Keep && live == Some(&target) {
        state.kept.insert(id.to_owned());
        return Ok(None);
    }
    record.kind.clone_from(&resource.kind);
    record.before.clone_from(&record.live);
    record.tries = 0;
    if act == Act::Keep {
        record.live = Some(target.clone());
        record.progress = Some(Progress::Done);
        record.attempt = Some(Attempt { act, target });
        return Ok(Some(Task::Note(record)));
    }
    record.attempt = Some(Attempt { act, target });
    Ok(Some(Task::Make(record, false)))
}

/// The task that notes a failure before anything was done.
fn failed(mut record: ResourceRecord, reason: String) -> Task {
    record.progress = Some(Progress::Failed);
    record.attempt = Some(Attempt { act: Act::Keep, target: empty(&record.kind) });
    record.before.clone_from(&record.live);
    record.status = match record.live {
        None => crate::model::ResourceStatus::CreateFailed,
        Some(_) => crate::model::ResourceStatus::UpdateFailed,
    };
    record.reason = Some(reason);
    Task::Note(record)
}

/// The task that notes a resource which the template does not have any more and the stack's
/// policy keeps from being deleted.
fn kept_by_policy(step: &Step<'_>, plan: &Plan, state: &State) -> Option<(String, Task)> {
    let refused = |record: &ResourceRecord| {
        let live = record.live.as_ref()?;
        step.refusal(Action::Delete, &record.logical_id, &live.kind)
    };
    let mut gone = state.records.values().filter(|record| {
        record.progress.is_none() && !plan.graph.resources().any(|id| id == record.logical_id)
    });
    gone.find_map(|record| {
        Some((record.logical_id.clone(), failed(record.clone(), refused(record)?)))
    })
}

fn empty(kind: &str) -> Incarnation {
    use crate::model::Keep;
    Incarnation {
        physical_id: String::new(),
        name: String::new(),
        kind: kind.to_owned(),
        properties: Map::new(),
        attributes: Map::new(),
        needs: BTreeSet::new(),
        deletion: Keep::Delete,
        replacement: Keep::Delete,
        tags: types::Tags::new(),
    }
}

/// The final properties of a resource, or why they cannot be had.
fn properties(plan: &Plan, state: &State, id: &str) -> Result<Map<String, Value>, String> {
    let scope = existing(plan, state);
    let evaluated =
        plan.bound.properties(id, &scope).map_err(|error| Error::from(error).to_string())?;
    evaluated
        .into_iter()
        .map(|(name, evaluated)| match evaluated.unknown.first() {
            None => Ok((name, evaluated.value)),
            Some(unknown) => Err(format!("{name} refers to {unknown}, which is not known")),
        })
        .collect()
}
