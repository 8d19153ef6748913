use crate::{
    Error, Stacks, engine,
    model::{Actor, Deployment, Purpose, Stack, StackStatus, find},
    requests::{deployment, importer, pass_role, permission, usable_role},
    sealed::Sealed,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a stack. One that does not exist is deleted.
pub(crate) struct DeleteStack;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    #[serde(default)]
    retain_resources: Vec<String>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    client_request_token: Option<String>,
}

impl Operation for DeleteStack {
    type Service = Stacks;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteStack";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        let mut permissions =
            permission(ctx, tx, "cloudformation:DeleteStack", &input.stack_name).await?;
        permissions.extend(pass_role(usable_role(input.role_arn.as_ref())?.as_ref()));
        Ok(permissions)
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        let Some(mut stack) = find(ctx, tx, &input.stack_name).await? else { return Ok(Empty {}) };
        let token = input.client_request_token.as_ref();
        match stack.status {
            StackStatus::DeleteComplete | StackStatus::DeleteInProgress => return Ok(Empty {}),
            _ => check(tx, &stack, input).await?,
        }
        let role = usable_role(input.role_arn.as_ref())?.or_else(|| stack.settings.role.clone());
        let actor = Actor::of(&ctx.caller, role.as_ref())?;
        let reason = Some("User Initiated".to_owned());
        stack.token = token.map(|token| (token.clone(), Self::NAME.to_owned()));
        stack.enter(tx, StackStatus::DeleteInProgress, reason, token, ctx.now)?;
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
                deployment.retain = input.retain_resources.iter().cloned().collect();
                engine::begin(ctx, tx, &stack.place, &deployment)?;
            }
        }
        Ok(Empty {})
    }
}

/// Whether a stack may be deleted now.
async fn check(tx: &mut Sealed<'_>, stack: &Stack, input: &Input) -> Result<(), Fault> {
    let name = &stack.place.name;
    if stack.termination_protection {
        return Err(Error::validation(format!(
            "Stack [{name}] cannot be deleted while TerminationProtection is enabled"
        ))
        .into());
    }
    if !input.retain_resources.is_empty() && stack.status != StackStatus::DeleteFailed {
        return Err(Error::validation(format!(
            "Invalid operation on stack [{}]. Specify resources to retain only when deleting a \
             stack that is in the DELETE_FAILED state.",
            stack.id()
        ))
        .into());
    }
    if matches!(
        stack.status,
        StackStatus::UpdateInProgress
            | StackStatus::UpdateCompleteCleanupInProgress
            | StackStatus::UpdateRollbackInProgress
            | StackStatus::UpdateRollbackCompleteCleanupInProgress
    ) {
        let status = stack.status.name();
        let text = format!("Stack [{name}] cannot be deleted while in status {status}");
        return Err(Error::validation(text).into());
    }
    for export in stack.outputs.iter().filter_map(|output| output.export.as_ref()) {
        if let Some(user) = importer(tx, &stack.place, export).await? {
            let text = format!("Export {export} cannot be deleted as it is in use by {user}");
            return Err(Error::validation(text).into());
        }
    }
    Ok(())
}
