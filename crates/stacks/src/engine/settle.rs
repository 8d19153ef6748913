//! Settling: what an update left open, in case that it was to be taken back, comes to its end.

use super::{
    make::{again, is_transient},
    step::{State, Step, Task, Worked},
};
use crate::{
    config,
    model::{Act, Progress, ResourceRecord},
};
use service::{Fault, Turn};
use std::collections::BTreeSet;

/// The next resource whose update may have left something open.
pub(super) fn next(
    step: &Step<'_>,
    state: &State,
    busy: &BTreeSet<String>,
) -> Result<Option<(String, Task)>, Fault> {
    for record in state.records.values() {
        let updated = record.progress == Some(Progress::Done)
            && record.attempt.as_ref().is_some_and(|attempt| attempt.act == Act::Update);
        let Some(live) = record.live.as_ref().filter(|_| updated) else { continue };
        if !busy.contains(&record.logical_id) && step.provider(&live.kind)?.is_always_updated() {
            return Ok(Some((record.logical_id.clone(), Task::Settle(record.clone()))));
        }
    }
    Ok(None)
}

/// Settles one resource. Its update is done whatever comes of that.
pub(super) async fn settle(step: &Step<'_>, mut record: ResourceRecord) -> Result<Worked, Fault> {
    match call(step, &record).await {
        Ok(()) => {}
        Err(fault) if fault.asks_again().is_some() => {
            return Ok(Worked { record, again: fault.asks_again() });
        }
        Err(fault) if is_transient(&fault) && record.tries + 1 < config::TRIES => {
            return again(step, record, &fault).await;
        }
        Err(fault) => {
            tracing::warn!(resource = record.logical_id, %fault, "an update was not settled");
        }
    }
    record.progress = Some(Progress::Settled);
    step.write(&record, Vec::new()).await?;
    Ok(Worked::done(record))
}

async fn call(step: &Step<'_>, record: &ResourceRecord) -> Result<(), Fault> {
    let Some(live) = &record.live else { return Ok(()) };
    let provider = step.provider(&live.kind)?;
    let cx = step.context(record, &live.kind, &live.tags, Turn::Cleanup).await?;
    step.bounded(provider.settle(&cx, &live.physical_id)).await
}
