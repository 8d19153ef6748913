use crate::{
    Error, Stacks,
    model::{Actor, Deployment, StackStatus, wanted},
    requests::{continue_rollback, permission_with_role, usable_role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Goes on with taking back an update, where that failed.
pub(crate) struct ContinueUpdateRollback;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    client_request_token: Option<String>,
}

impl Operation for ContinueUpdateRollback {
    type Service = Stacks;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "ContinueUpdateRollback";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        let (action, role) = ("cloudformation:ContinueUpdateRollback", input.role_arn.as_ref());
        permission_with_role(ctx, tx, action, &input.stack_name, role).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        let mut stack = wanted(ctx, tx, &input.stack_name).await?;
        let running: Option<Deployment> = tx.get_record(&stack.place.deployment()).await?;
        let failed = running.filter(|_| stack.status == StackStatus::UpdateRollbackFailed);
        let Some(mut running) = failed else {
            let (id, status) = (stack.id(), stack.status.name());
            let text =
                format!("Stack:{id} is in {status} state and can not continue rolling back.");
            return Err(Error::validation(text).into());
        };
        let role = usable_role(input.role_arn.as_ref())?.or_else(|| stack.settings.role.clone());
        running.actor = Actor::of(&ctx.caller, role.as_ref())?;
        running.token.clone_from(&input.client_request_token);
        continue_rollback(ctx, tx, &mut stack, &mut running).await?;
        Ok(Empty {})
    }
}
