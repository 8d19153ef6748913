use crate::{
    Error, Stacks,
    keys::Place,
    model::{Actor, Stack, StackStatus, find, load},
    requests::{
        DeploymentConfigInput, begin_delete, check_exports, permission_with_role,
        standard_deployment, usable_role,
    },
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
    deployment_config: Option<DeploymentConfigInput>,
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
        let (action, role) = ("cloudformation:DeleteStack", input.role_arn.as_ref());
        permission_with_role(ctx, tx, action, &input.stack_name, role).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        standard_deployment(input.deployment_config.as_ref())?;
        let Some(mut stack) = find(ctx, tx, &input.stack_name).await? else { return Ok(Empty {}) };
        let token = input.client_request_token.as_ref();
        match stack.status {
            StackStatus::DeleteComplete | StackStatus::DeleteInProgress => return Ok(Empty {}),
            _ => check(tx, &stack, input).await?,
        }
        let role = usable_role(input.role_arn.as_ref())?.or_else(|| stack.settings.role.clone());
        let actor = Actor::of(&ctx.caller, role.as_ref())?;
        stack.token = token.map(|token| (token.clone(), Self::NAME.to_owned()));
        let retain = input.retain_resources.iter().cloned().collect();
        begin_delete(ctx, tx, &mut stack, actor, token, retain).await?;
        Ok(Empty {})
    }
}

/// Whether a stack, or the one at the top of those that it is nested in, is protected.
async fn is_protected(tx: &mut Sealed<'_>, stack: &Stack) -> Result<bool, Fault> {
    let root = stack.parent.as_ref().and_then(|parent| Place::of_arn(&parent.root));
    let Some(root) = root else { return Ok(stack.termination_protection) };
    Ok(load(tx, &root).await?.is_some_and(|root| root.termination_protection))
}

/// Whether a stack may be deleted now.
async fn check(tx: &mut Sealed<'_>, stack: &Stack, input: &Input) -> Result<(), Fault> {
    let name = &stack.place.name;
    if is_protected(tx, stack).await? {
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
    if stack.status.is_updating() {
        let status = stack.status.name();
        let text = format!("Stack [{name}] cannot be deleted while in status {status}");
        return Err(Error::validation(text).into());
    }
    check_exports(tx, stack).await
}
