use crate::{
    Error, Stacks,
    model::{ResourceRecord, find},
    page::page,
    requests::permission,
    shapes::ResourceSummary,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the resources of a stack.
pub(crate) struct ListStackResources;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_resource_summaries: Vec<ResourceSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListStackResources {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListStackResources";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:ListStackResources", &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let name = &input.stack_name;
        let missing = || Error::validation(format!("Stack with id {name} does not exist"));
        let stack = find(ctx, tx, name).await?.ok_or_else(missing)?;
        let range = stack.place.resources();
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), false).await?;
        let mut stack_resource_summaries = Vec::new();
        for entry in entries {
            let record: ResourceRecord = tx.decode(&entry)?;
            stack_resource_summaries.push(ResourceSummary::of(&record));
        }
        Ok(Output { stack_resource_summaries, next_token })
    }
}
