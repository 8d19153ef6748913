use crate::{
    Error, Stacks,
    model::{StackStatus, wanted},
    requests::permission,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Protects a stack, and those nested in it, from being deleted, or does not any more.
pub(crate) struct UpdateTerminationProtection;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    enable_termination_protection: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_id: String,
}

impl Operation for UpdateTerminationProtection {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "UpdateTerminationProtection";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        let action = "cloudformation:UpdateTerminationProtection";
        permission(ctx, tx, action, &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let mut stack = wanted(ctx, tx, &input.stack_name).await?;
        if let Some(parent) = &stack.parent {
            let text = format!(
                "Termination protection cannot be changed on the nested stack [{}]. Change it on \
                 the root stack [{}].",
                stack.id(),
                parent.root
            );
            return Err(Error::validation(text).into());
        }
        if matches!(stack.status, StackStatus::DeleteInProgress | StackStatus::DeleteComplete) {
            let (id, status) = (stack.id(), stack.status.name());
            let text = format!("Stack [{id}] is in {status} state and cannot be protected");
            return Err(Error::validation(text).into());
        }
        stack.termination_protection = input.enable_termination_protection;
        stack.save(tx)?;
        Ok(Output { stack_id: stack.id() })
    }
}
