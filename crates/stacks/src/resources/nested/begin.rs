//! The transactions that begin something with a nested stack.

use super::wish::Wish;
use crate::{
    Error, Stacks, config, engine,
    keys::{self, Place},
    model::{Deployment, OnFailure, Parent, Phase, Purpose, Stack, StackStatus, load},
    requests::{
        self, Proposal, Wishes, begin_create, begin_delete, begin_update, changes_of,
        check_exports, check_update, continue_rollback,
    },
    sealed::Sealed,
};
use kv::Transaction;
use service::{Context, Fault, Permission, ResourceContext, Transact, Turn, authorize, transact};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The request that a step stands for: its ids are the same however often it runs.
fn request(stacks: &Stacks, cx: &ResourceContext) -> Context {
    let mut seed = Sha256::new();
    for part in [cx.stack_id.as_str(), &cx.step.id(), &cx.logical_id] {
        seed.update((part.len() as u64).to_be_bytes());
        seed.update(part);
    }
    let (now, platform) = (stacks.platform.clock.now(), stacks.platform.clone());
    Context::new(cx.caller.clone(), cx.region.clone(), now, seed.finalize().into(), platform)
}

fn permit(ctx: &Context, action: &'static str, stack: &str) -> Result<(), Fault> {
    authorize(&ctx.caller, &Permission::new(action, stack), &ctx.region, ctx.now)
}

/// The stack above, and its deployment that is under way.
async fn above(tx: &mut Sealed<'_>, cx: &ResourceContext) -> Result<(Stack, Deployment), Fault> {
    let gone = || Fault::internal("the stack of a nested stack is gone");
    let place = Place::of_arn(&cx.stack_id).ok_or_else(gone)?;
    let stack = load(tx, &place).await?.ok_or_else(gone)?;
    let deployment = tx.get_record(&place.deployment()).await?.ok_or_else(gone)?;
    Ok((stack, deployment))
}

/// The deployment of a stack that is under way.
async fn running(tx: &mut Sealed<'_>, stack: &Stack) -> Result<Option<Deployment>, Fault> {
    Ok(tx.get_record(&stack.place.deployment()).await?)
}

/// The stack that has a name now.
pub(super) async fn by_name(
    stacks: &Stacks,
    cx: &ResourceContext,
    name: &str,
) -> Result<Option<Stack>, Fault> {
    let mut tx = stacks.platform.store.begin();
    let tx = &mut stacks.open(&mut tx);
    let Some(id) = tx.get(&keys::name(&cx.account, &cx.region, name)).await? else {
        return Ok(None);
    };
    let place = Place {
        account: cx.account.clone(),
        region: cx.region.clone(),
        name: name.to_owned(),
        id: String::from_utf8_lossy(&id).into_owned(),
    };
    Ok(load(tx, &place).await?)
}

/// What a stack is asked to become: with the capabilities and the role of the one above.
fn wishes<'a>(cx: &'a ResourceContext, wish: &'a Wish, parent: &'a Stack) -> Wishes<'a> {
    Wishes {
        source: Some(&wish.source),
        caller: &cx.caller,
        use_previous_template: false,
        parameters: &wish.parameters,
        tags: Some(&wish.tags),
        capabilities: &parent.settings.capabilities,
        role: parent.settings.role.clone(),
        is_change_set: false,
    }
}

/// Creates a nested stack. If that fails it stays, for the stack above to delete it.
pub(super) struct Create<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) cx: &'a ResourceContext,
    pub(super) name: &'a str,
    pub(super) wish: &'a Wish,
}

impl Transact for Create<'_> {
    type Output = Stack;

    async fn run(&self, tx: &mut Transaction) -> Result<Stack, Fault> {
        let (stacks, cx, ctx) = (self.stacks, self.cx, &request(self.stacks, self.cx));
        let tx = &mut stacks.open(tx);
        let (parent, under_way) = above(tx, cx).await?;
        let place = requests::new_place(ctx, self.name);
        permit(ctx, "cloudformation:CreateStack", &place.arn().to_string())?;
        let depth = parent.parent.as_ref().map_or(0, |parent| parent.depth) + 1;
        if depth > config::NESTED {
            let text = format!("At most {} stacks can be nested in one another", config::NESTED);
            return Err(Error::LimitExceeded(text).into());
        }
        let wishes = wishes(cx, self.wish, &parent);
        let proposal = Proposal::check(stacks, tx, &place, None, wishes).await?;
        let mut deployment = requests::deployment(ctx, Purpose::Create, under_way.actor, None);
        deployment.token = under_way.token;
        deployment.on_failure = OnFailure::DoNothing;
        deployment.deadline = self.wish.timeout().map(|timeout| ctx.now + timeout);
        let root = parent.parent.as_ref().map_or_else(|| parent.id(), |above| above.root.clone());
        let mut stack = Stack::new(place, StackStatus::CreateInProgress, ctx.now);
        stack.parent = Some(Parent { id: parent.id(), root, depth });
        stack.driver = Some(cx.step.id());
        stack.disable_rollback = true;
        stack.timeout_minutes = self.wish.minutes;
        stack.retain_except_on_create = parent.retain_except_on_create;
        requests::register(tx, &stack).await?;
        begin_create(ctx, tx, &mut stack, proposal, deployment)?;
        Ok(stack)
    }
}

/// Updates a nested stack; `None` if nothing changes.
pub(super) struct Update<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) cx: &'a ResourceContext,
    pub(super) place: &'a Place,
    pub(super) wish: &'a Wish,
}

impl Transact for Update<'_> {
    type Output = Option<Stack>;

    async fn run(&self, tx: &mut Transaction) -> Result<Option<Stack>, Fault> {
        let (stacks, cx, ctx) = (self.stacks, self.cx, &request(self.stacks, self.cx));
        let tx = &mut stacks.open(tx);
        let (parent, under_way) = above(tx, cx).await?;
        let gone = || super::gone(&self.place.arn().to_string());
        let mut stack = load(tx, self.place).await?.ok_or_else(gone)?;
        permit(ctx, "cloudformation:UpdateStack", &stack.id())?;
        check_update(&stack)?;
        let wishes = wishes(cx, self.wish, &parent);
        let proposal = Proposal::check(stacks, tx, self.place, Some(&stack), wishes).await?;
        if !changes_of(stacks, tx, &stack, &proposal).await?.1 {
            return Ok(None);
        }
        let mut deployment = requests::deployment(ctx, Purpose::Update, under_way.actor, None);
        deployment.token = under_way.token;
        deployment.held = true;
        stack.driver = Some(cx.step.id());
        begin_update(ctx, tx, &mut stack, proposal, deployment)?;
        Ok(Some(stack))
    }
}

/// Takes back an update that this deployment of the stack above began. One that it did not begin
/// is none of its business. The answer is the stack as it is then.
pub(super) struct Back<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) cx: &'a ResourceContext,
    pub(super) stack: &'a Stack,
}

impl Transact for Back<'_> {
    type Output = Stack;

    async fn run(&self, tx: &mut Transaction) -> Result<Stack, Fault> {
        let (cx, ctx) = (self.cx, &request(self.stacks, self.cx));
        let tx = &mut self.stacks.open(tx);
        let gone = || super::gone(&self.stack.id());
        let mut stack = load(tx, &self.stack.place).await?.ok_or_else(gone)?;
        let step = cx.step.id();
        let began = stack.driver.as_ref().is_some_and(|driver| {
            *driver != step && driver.split(' ').next() == Some(cx.step.deployment.as_str())
        });
        let Some(mut deployment) = running(tx, &stack).await?.filter(|_| began) else {
            return Ok(stack);
        };
        match stack.status {
            StackStatus::UpdateInProgress => {
                deployment.cancelled = true;
                tx.put_record(stack.place.deployment(), &deployment)?;
            }
            StackStatus::UpdateCompleteCleanupInProgress if deployment.held => {
                stack.driver = Some(step);
                let reason = "The stack above is taken back.".to_owned();
                deployment.failure = Some(reason.clone());
                deployment.phase = Phase::Undo;
                let (status, token) =
                    (StackStatus::UpdateRollbackInProgress, deployment.token.as_ref());
                stack.enter(tx, status, Some(reason), token, ctx.now)?;
                stack.save(tx)?;
                engine::begin(ctx, tx, &stack.place, &deployment)?;
            }
            StackStatus::UpdateRollbackFailed => {
                stack.driver = Some(step);
                continue_rollback(ctx, tx, &mut stack, &mut deployment).await?;
            }
            _ => {}
        }
        Ok(stack)
    }
}

/// Lets an update end that was held. The answer is whether it is still under way.
pub(super) struct Settle<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) cx: &'a ResourceContext,
    pub(super) place: &'a Place,
}

impl Transact for Settle<'_> {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let ctx = &request(self.stacks, self.cx);
        let tx = &mut self.stacks.open(tx);
        let Some(stack) = load(tx, self.place).await? else { return Ok(false) };
        let ours = stack.driver == Some(self.cx.step.id_of(Turn::Forward));
        let deployment = running(tx, &stack).await?.filter(|_| ours);
        let Some(mut deployment) = deployment else { return Ok(false) };
        if deployment.held {
            deployment.held = false;
            engine::begin(ctx, tx, &stack.place, &deployment)?;
        }
        Ok(true)
    }
}

/// Deletes a nested stack; `None` if there is none. One that is busy is waited for.
pub(super) struct Delete<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) cx: &'a ResourceContext,
    pub(super) place: &'a Place,
}

impl Transact for Delete<'_> {
    type Output = Option<Stack>;

    async fn run(&self, tx: &mut Transaction) -> Result<Option<Stack>, Fault> {
        let (cx, ctx) = (self.cx, &request(self.stacks, self.cx));
        let tx = &mut self.stacks.open(tx);
        let Some(mut stack) = load(tx, self.place).await? else { return Ok(None) };
        let step = cx.step.id();
        let failed = stack.status == StackStatus::DeleteFailed;
        let settled = match stack.status {
            StackStatus::DeleteInProgress | StackStatus::DeleteComplete => true,
            status => status.is_updating() || (failed && stack.driver.as_ref() == Some(&step)),
        };
        if settled {
            return Ok(Some(stack));
        }
        permit(ctx, "cloudformation:DeleteStack", &stack.id())?;
        check_exports(tx, &stack).await?;
        let actor = above(tx, cx).await?.1.actor;
        stack.driver = Some(step);
        begin_delete(ctx, tx, &mut stack, actor, None, BTreeSet::new()).await?;
        Ok(Some(stack))
    }
}

/// Ends a creation or update of a nested stack early if the stack above fails already.
pub(super) async fn cancel_if(
    stacks: &Stacks,
    cx: &ResourceContext,
    stack: &Stack,
) -> Result<(), Fault> {
    if !cx.step.stopping {
        return Ok(());
    }
    transact(&stacks.platform.store, &Cancel { stacks, place: &stack.place }).await
}

struct Cancel<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
}

impl Transact for Cancel<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let tx = &mut self.stacks.open(tx);
        let key = self.place.deployment();
        let deployment: Option<Deployment> = tx.get_record(&key).await?;
        let goes_forward = |deployment: &Deployment| deployment.phase == Phase::Forward;
        if let Some(mut deployment) = deployment.filter(goes_forward) {
            deployment.cancelled = true;
            tx.put_record(key, &deployment)?;
        }
        Ok(())
    }
}
