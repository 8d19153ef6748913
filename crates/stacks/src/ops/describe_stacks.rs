use crate::{
    Error, Stacks, keys, model::find, page::page, requests::permission, shapes::StackShape,
};
use kv::KeyReader;
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Describes one stack or all that exist.
pub(crate) struct DescribeStacks;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stacks: Vec<StackShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeStacks {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeStacks";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        match &input.stack_name {
            Some(name) => permission(ctx, tx, "cloudformation:DescribeStacks", name).await,
            None => permission(ctx, tx, "cloudformation:DescribeStacks", "*").await,
        }
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        if let Some(name) = &input.stack_name {
            let missing = || Error::validation(format!("Stack with id {name} does not exist"));
            let stack = find(ctx, tx, name).await?.ok_or_else(missing)?;
            return Ok(Output { stacks: vec![StackShape::of(&stack)], next_token: None });
        }
        let range = keys::names(ctx.account(), &ctx.region);
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), false).await?;
        let mut stacks = Vec::new();
        for entry in entries {
            let mut key = KeyReader::new(keys::NAME, &entry.key)?;
            let (_, _, name) = (key.str()?, key.str()?, key.str()?);
            stacks.extend(find(ctx, tx, &name).await?.as_ref().map(StackShape::of));
        }
        Ok(Output { stacks, next_token })
    }
}
