//! The deployment of stacks: the job that advances a [`Deployment`] until it is done.
//!
//! A step of the job reads everything anew, so it needs no memory of the steps before. It works
//! through the phases: *forward* (create, update, replace), on failure *undo* (what was updated is
//! set back, what was created or took another's place is on its way out), and *cleanup* (what
//! nothing refers to any more is deleted). A deletion is a cleanup of everything. A resource that
//! takes its time is asked for again and again, beside the others.

pub(crate) use make::{outcome, refusal};
pub(crate) use step::template_text;

mod finish;
mod forward;
mod make;
mod remove;
mod settle;
mod step;
mod undo;

use crate::{
    Stacks, config,
    keys::Place,
    model::{Deployment, Phase, Progress, Purpose},
    sealed::Sealed,
};
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::{Value, json};
use service::{
    Context, Fault, Job, Next,
    job::{self, JobRecord},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use step::{State, Step, Task, Worked};

const KIND: &str = "stacks.deploy";

/// Begins a deployment in the transaction that asks for it.
pub(crate) fn begin(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    place: &Place,
    deployment: &Deployment,
) -> Result<(), kv::Error> {
    tx.put_record(place.deployment(), deployment)?;
    resume(ctx, tx, place, deployment)
}

/// Makes the job that advances a deployment.
pub(crate) fn resume(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    place: &Place,
    deployment: &Deployment,
) -> Result<(), kv::Error> {
    let record = JobRecord {
        id: ctx.ids().uuid(),
        kind: KIND.to_owned(),
        cursor: json!({"place": place, "deployment": deployment.id}),
        attempts: 0,
        created: ctx.now,
    };
    job::enqueue(tx, ctx.account(), &ctx.region, ctx.now, &record)
}

/// The job.
pub(crate) struct Deploy(pub(crate) Arc<Stacks>);

impl Job for Deploy {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move { advance(&self.0, &record.cursor).await })
    }
}

/// What a phase came to.
enum Outcome {
    /// The work of the phase is done, or cannot go on.
    Ended,
    /// The time of this step is over, or a resource is to be tried again later.
    Pause(Duration),
}

async fn advance(stacks: &Stacks, cursor: &Value) -> Result<Next, Fault> {
    let unreadable = |error| Fault::internal(format!("the cursor of a deployment: {error}"));
    let place: Place = serde_json::from_value(cursor["place"].clone()).map_err(unreadable)?;
    let id = cursor["deployment"].as_str().unwrap_or_default();
    let Some((mut step, mut state)) = step::begin(stacks, &place, id).await? else {
        return Ok(Next::Done);
    };
    loop {
        if let Outcome::Pause(after) = work(&mut step, &mut state).await? {
            return Ok(Next::Again { cursor: cursor.clone(), after });
        }
        match finish::phase(&step, &state).await? {
            Some(deployment) => step.deployment = deployment,
            None => return Ok(Next::Done),
        }
        // What the phase changed in the stack and its records is read anew.
        let Some(next) = step::reload(stacks, &step).await? else { return Ok(Next::Done) };
        (step, state) = next;
    }
}

/// Does the work of one phase, as much of it side by side as its order allows.
async fn work(step: &mut Step<'_>, state: &mut State) -> Result<Outcome, Fault> {
    loop {
        step.deployment = step::current(step).await?;
        let mut flying = BTreeSet::new();
        let mut flights = FuturesUnordered::new();
        let fixed: &Step<'_> = step;
        loop {
            while !fixed.is_over() && flights.len() < config::PARALLEL {
                let busy = state.busy(&flying, fixed.now());
                let Some((id, task)) = next(fixed, state, &busy)? else { break };
                flying.insert(id);
                flights.push(perform(fixed, task));
            }
            let Some(worked) = flights.next().await else { break };
            flying.remove(&state.note(worked?, fixed.now()));
            // Whoever cancels or deletes is heard before anything new begins.
            if step::changed(fixed).await? {
                while let Some(worked) = flights.next().await {
                    state.note(worked?, fixed.now());
                }
                break;
            }
        }
        drop(flights);
        let now = step.now();
        if next(step, state, &state.busy(&BTreeSet::new(), now))?.is_some() {
            if step.is_over() {
                return Ok(Outcome::Pause(Duration::ZERO));
            }
        } else if let Some(due) = state.waiting.values().min() {
            return Ok(Outcome::Pause(due.since(now)));
        } else if !step::changed(step).await? {
            return Ok(Outcome::Ended);
        }
    }
}

/// The next thing to do beside what is busy, if there is one.
fn next(
    step: &Step<'_>,
    state: &mut State,
    busy: &BTreeSet<String>,
) -> Result<Option<(String, Task)>, Fault> {
    let settle = state.records.values().find(|record| {
        record.progress == Some(Progress::Started) && !busy.contains(&record.logical_id)
    });
    if let Some(record) = settle {
        let (id, stopping) = (record.logical_id.clone(), step.is_stopping(state));
        return Ok(Some((id, Task::Make(record.clone(), stopping))));
    }
    Ok(match step.deployment.phase {
        Phase::Forward => forward::next(step, state, busy)?,
        Phase::Undo => undo::next(state, busy),
        Phase::Cleanup => match settle::next(step, state, busy)? {
            Some(task) => Some(task),
            None => remove::next(step, state, busy)?,
        },
    })
}

fn perform<'a>(step: &'a Step<'a>, task: Task) -> BoxFuture<'a, Result<Worked, Fault>> {
    Box::pin(async move {
        match task {
            Task::Make(record, stopping) => make::make(step, record, stopping).await,
            Task::Note(record) => make::note(step, record).await,
            Task::Undo(record) => undo::undo(step, record).await,
            Task::Settle(record) => settle::settle(step, record).await,
            Task::Remove(record) => remove::remove(step, record).await,
        }
    })
}

/// Whether a deployment has failed and what it made is on its way out.
fn is_rolled_back(deployment: &Deployment) -> bool {
    deployment.failure.is_some() && deployment.purpose != Purpose::Delete
}
