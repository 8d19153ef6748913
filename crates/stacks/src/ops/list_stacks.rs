use crate::{Stacks, keys, model::Stack, page::page, shapes::StackSummary};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists stacks, also those that were deleted, in the order of their names.
pub(crate) struct ListStacks;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    next_token: Option<String>,
    #[serde(default)]
    stack_status_filter: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_summaries: Vec<StackSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListStacks {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListStacks";

    async fn permissions(
        _: &Stacks,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let arn = ctx.arn("cloudformation", "*");
        Ok(vec![Permission::new("cloudformation:ListStacks", arn.as_str())])
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let range = keys::stacks(ctx.account(), &ctx.region);
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), false).await?;
        let mut stack_summaries = Vec::new();
        for entry in entries {
            let stack: Stack = tx.decode(&entry)?;
            let filter = &input.stack_status_filter;
            if filter.is_empty() || filter.iter().any(|status| status == stack.status.name()) {
                stack_summaries.push(StackSummary::of(&stack));
            }
        }
        Ok(Output { stack_summaries, next_token })
    }
}
