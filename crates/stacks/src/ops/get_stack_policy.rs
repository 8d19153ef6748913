use crate::{Stacks, model::wanted, requests::permission};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Gives the policy of a stack, if it has one.
pub(crate) struct GetStackPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_policy_body: Option<String>,
}

impl Operation for GetStackPolicy {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetStackPolicy";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:GetStackPolicy", &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let stack = wanted(ctx, tx, &input.stack_name).await?;
        Ok(Output { stack_policy_body: stack.policy })
    }
}
