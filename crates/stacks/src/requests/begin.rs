//! The beginning of deployments, and what stacks hold on to.

use super::Proposal;
use crate::{
    Error, config, engine,
    keys::{self, Place},
    model::{Actor, ChangeSet, Deployment, Progress, Purpose, ResourceRecord, Stack, StackStatus},
    sealed::Sealed,
};
use kv::{Range, Scan};
use service::{Context, Fault};
use std::collections::{BTreeMap, BTreeSet};

const REASON: &str = "User Initiated";

/// The records of a stack's resources, by logical id.
pub(crate) async fn records(
    tx: &mut Sealed<'_>,
    place: &Place,
) -> Result<BTreeMap<String, ResourceRecord>, Fault> {
    let entries = tx.scan(&place.resources(), Scan::first(usize::MAX)).await?;
    entries
        .iter()
        .map(|entry| {
            let record: ResourceRecord = tx.decode(entry)?;
            Ok((record.logical_id.clone(), record))
        })
        .collect()
}

/// Gives a new stack its name.
pub(crate) async fn register(tx: &mut Sealed<'_>, stack: &Stack) -> Result<(), Fault> {
    let place = &stack.place;
    let names = keys::names(&place.account, &place.region);
    let count = tx.scan(&names, Scan::first(config::STACKS).snapshot()).await?.len();
    if count >= config::STACKS {
        let text = format!("Limit for stacks has been exceeded: {}", config::STACKS);
        return Err(Error::LimitExceeded(text).into());
    }
    tx.put(place.live_name(), place.id.clone().into_bytes().into())?;
    Ok(())
}

/// Begins the creation of a stack that has its name already.
pub(crate) fn begin_create(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    stack: &mut Stack,
    proposal: Proposal,
    mut deployment: Deployment,
) -> Result<(), Fault> {
    deployment.retain_except_on_create = stack.retain_except_on_create;
    adopt(tx, stack, proposal)?;
    let status = StackStatus::CreateInProgress;
    stack.enter(tx, status, Some(REASON.to_owned()), deployment.token.as_ref(), ctx.now)?;
    stack.save(tx)?;
    Ok(engine::begin(ctx, tx, &stack.place, &deployment)?)
}

/// Begins an update.
pub(crate) fn begin_update(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    stack: &mut Stack,
    proposal: Proposal,
    mut deployment: Deployment,
) -> Result<(), Fault> {
    deployment.policy = deployment.policy.or_else(|| stack.policy.clone());
    deployment.before = Some(stack.settings.clone());
    deployment.retain_except_on_create = stack.retain_except_on_create;
    adopt(tx, stack, proposal)?;
    stack.updated = Some(ctx.now);
    let status = StackStatus::UpdateInProgress;
    stack.enter(tx, status, Some(REASON.to_owned()), deployment.token.as_ref(), ctx.now)?;
    stack.save(tx)?;
    Ok(engine::begin(ctx, tx, &stack.place, &deployment)?)
}

/// Begins a deletion, or tells the creation that is under way to turn into one.
pub(crate) async fn begin_delete(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    stack: &mut Stack,
    actor: Actor,
    token: Option<&String>,
    retain: BTreeSet<String>,
) -> Result<(), Fault> {
    stack.enter(tx, StackStatus::DeleteInProgress, Some(REASON.to_owned()), token, ctx.now)?;
    stack.save(tx)?;
    let key = stack.place.deployment();
    let running: Option<Deployment> = tx.get_record(&key).await?;
    match running.filter(|running| running.purpose == Purpose::Create) {
        // The job that creates it hears of it, and deletes what it has made so far.
        Some(mut running) => {
            running.then_delete = true;
            running.actor = actor;
            running.token = token.cloned();
            tx.put_record(key, &running)?;
        }
        None => {
            let mut deployment = deployment(ctx, Purpose::Delete, actor, token);
            deployment.retain = retain;
            engine::begin(ctx, tx, &stack.place, &deployment)?;
        }
    }
    Ok(())
}

/// Lets a rollback that failed go on.
pub(crate) async fn continue_rollback(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    stack: &mut Stack,
    running: &mut Deployment,
) -> Result<(), Fault> {
    for (id, mut record) in records(tx, &stack.place).await? {
        if record.progress == Some(Progress::UndoFailed) && record.deployment == running.id {
            record.progress = Some(Progress::Failed);
            record.tries = 0;
            tx.put_record(stack.place.resource(&id), &record)?;
        }
    }
    running.continued += 1;
    let (status, token) = (StackStatus::UpdateRollbackInProgress, running.token.as_ref());
    stack.enter(tx, status, Some(REASON.to_owned()), token, ctx.now)?;
    stack.save(tx)?;
    Ok(engine::begin(ctx, tx, &stack.place, running)?)
}

/// What other stacks import cannot be deleted.
pub(crate) async fn check_exports(tx: &mut Sealed<'_>, stack: &Stack) -> Result<(), Fault> {
    for export in stack.outputs.iter().filter_map(|output| output.export.as_ref()) {
        if let Some(user) = importer(tx, &stack.place, export).await? {
            let text = format!("Export {export} cannot be deleted as it is in use by {user}");
            return Err(Error::validation(text).into());
        }
    }
    Ok(())
}

/// Makes the proposal the stack's settings. What it imports cannot go from now on.
fn adopt(tx: &mut Sealed<'_>, stack: &mut Stack, proposal: Proposal) -> Result<(), Fault> {
    stack.failure = None;
    stack.templates += 1;
    stack.settings = proposal.settings;
    stack.settings.template = stack.templates;
    tx.put_text(stack.place.template(stack.templates), &proposal.source.text)?;
    if let Some(original) = &proposal.source.original {
        tx.put_text(stack.place.original(stack.templates), original)?;
    }
    for name in &stack.settings.imports {
        tx.put(stack.place.import(name), stack.place.name.clone().into_bytes().into())?;
    }
    Ok(())
}

/// A stack must be at rest to be updated.
pub(crate) fn check_update(stack: &Stack) -> Result<(), Error> {
    if stack.status.allows_update() {
        return Ok(());
    }
    let (id, status) = (stack.id(), stack.status.name());
    Err(Error::validation(format!("Stack:{id} is in {status} state and can not be updated.")))
}

/// The name of a stack that imports an export, if one does.
pub(crate) async fn importer(
    tx: &mut Sealed<'_>,
    place: &Place,
    export: &str,
) -> Result<Option<String>, Fault> {
    let entries = tx.scan(&place.imports_of(export), Scan::first(1)).await?;
    Ok(entries.first().map(|entry| String::from_utf8_lossy(&entry.value).into_owned()))
}

/// Removes the change sets of a stack but one.
pub(crate) async fn drop_change_sets(
    tx: &mut Sealed<'_>,
    place: &Place,
    keep: Option<&str>,
) -> Result<(), Fault> {
    let range: Range = place.change_sets();
    for entry in tx.scan(&range, Scan::first(usize::MAX)).await? {
        let change_set: ChangeSet = tx.decode(&entry)?;
        if keep != Some(change_set.name.as_str()) {
            tx.delete(entry.key)?;
            tx.delete(keys::change_set_id(&place.account, &place.region, &change_set.id))?;
            let (text, original) = keys::change_set_template(place, &change_set.id);
            tx.delete(text)?;
            tx.delete(original)?;
        }
    }
    Ok(())
}

/// The deployment that a request begins.
pub(crate) fn deployment(
    ctx: &Context,
    purpose: Purpose,
    actor: Actor,
    token: Option<&String>,
) -> Deployment {
    let mut deployment = Deployment::new(ctx.ids().uuid().to_string(), purpose, actor);
    deployment.token = token.cloned();
    deployment
}
