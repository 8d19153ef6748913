use crate::{
    Stacks,
    model::{ChangeSet, wanted},
    page::page,
    requests::permission,
    shapes::ChangeSetSummary,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the change sets of a stack.
pub(crate) struct ListChangeSets;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    summaries: Vec<ChangeSetSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListChangeSets {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListChangeSets";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:ListChangeSets", &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let stack = wanted(ctx, tx, &input.stack_name).await?;
        let range = stack.place.change_sets();
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), false).await?;
        let mut summaries = Vec::new();
        for entry in entries {
            let change_set: ChangeSet = tx.decode(&entry)?;
            summaries.push(ChangeSetSummary::of(&stack.place, change_set));
        }
        Ok(Output { summaries, next_token })
    }
}
