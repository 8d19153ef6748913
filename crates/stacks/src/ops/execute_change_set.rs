use crate::{
    Error, Stacks,
    blueprint::Blueprint,
    keys::{self, Place},
    model::{Actor, ChangeSet, Execution, Export, OnFailure, Purpose, load},
    requests::{
        Proposal, Source, Token, begin_create, begin_update, check_token, check_update, deployment,
        drop_change_sets, find_change_set, permission,
    },
    sealed::Sealed,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use std::collections::BTreeMap;

/// Makes the changes of a change set.
pub(crate) struct ExecuteChangeSet;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    change_set_name: String,
    stack_name: Option<String>,
    client_request_token: Option<String>,
    disable_rollback: Option<bool>,
    retain_except_on_create: Option<bool>,
}

impl Operation for ExecuteChangeSet {
    type Service = Stacks;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "ExecuteChangeSet";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(
            ctx,
            tx,
            "cloudformation:ExecuteChangeSet",
            input.stack_name.as_ref().unwrap_or(&input.change_set_name),
        )
        .await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        let stack_name = input.stack_name.as_ref();
        let (place, mut set) = find_change_set(ctx, tx, &input.change_set_name, stack_name).await?;
        let gone = || Fault::internal("a change set without a stack");
        let mut stack = load(tx, &place).await?.ok_or_else(gone)?;
        let token = input.client_request_token.as_ref();
        if token.is_some() && matches!(check_token(&stack, Self::NAME, token)?, Token::Seen) {
            return Ok(Empty {});
        }
        if set.execution != Execution::Available {
            let text = format!(
                "ChangeSet [{}] cannot be executed in its current execution status of [{}]",
                set.arn(&place),
                set.execution.name()
            );
            return Err(Error::InvalidChangeSetStatus(text).into());
        }
        if input.disable_rollback == Some(true) && !set.creates {
            return Err(Fault::unsupported("parameter DisableRollback of ExecuteChangeSet"));
        }
        let proposal = renew(service, tx, &place, &set).await?;
        let purpose = if set.creates { Purpose::Create } else { Purpose::Update };
        let actor = Actor::of(&ctx.caller, set.settings.role.as_ref())?;
        let mut deployment = deployment(ctx, purpose, actor, token);
        deployment.change_set = Some(set.name.clone());
        deployment.on_failure = match input.disable_rollback {
            Some(true) => OnFailure::DoNothing,
            _ => set.on_failure,
        };
        stack.change_set = Some(set.arn(&place));
        stack.retain_except_on_create = input.retain_except_on_create.unwrap_or(false);
        stack.token = token.map(|token| (token.clone(), Self::NAME.to_owned()));
        set.execution = Execution::InProgress;
        drop_change_sets(tx, &place, Some(&set.name)).await?;
        tx.put_record(place.change_set(&set.name), &set)?;
        if set.creates {
            stack.disable_rollback = deployment.on_failure == OnFailure::DoNothing;
            begin_create(ctx, tx, &mut stack, proposal, deployment)?;
        } else {
            check_update(&stack)?;
            begin_update(ctx, tx, &mut stack, proposal, deployment)?;
        }
        Ok(Empty {})
    }
}

/// The proposal of a change set, checked again: what it imports may be gone.
async fn renew(
    service: &Stacks,
    tx: &mut Sealed<'_>,
    place: &Place,
    set: &ChangeSet,
) -> Result<Proposal, Fault> {
    let (text, original) = keys::change_set_template(place, &set.id);
    let gone = || Fault::internal("the template of a change set is gone");
    let text = tx.get_text(&text).await?.ok_or_else(gone)?;
    let source = Source { text, original: tx.get_text(&original).await? };
    let mut settings = set.settings.clone();
    let blueprint = Blueprint::of(&source.text, &settings, place)?;
    blueprint.check(&mut settings, &service.providers)?;
    let mut exports = BTreeMap::new();
    for name in &settings.imports {
        let export: Option<Export> = tx.get_record(&place.export(name)).await?;
        let missing = || Error::validation(format!("No export named {name} found."));
        exports.insert(name.clone(), export.ok_or_else(missing)?.value);
    }
    Ok(Proposal { source, blueprint, settings, exports })
}
