use crate::{
    Error, Stacks,
    requests::{Contexts, contexts, find_change_set, permission},
    shapes::ChangeSetShape,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Describes a change set with its changes.
pub(crate) struct DescribeChangeSet;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    change_set_name: String,
    stack_name: Option<String>,
    next_token: Option<String>,
    #[serde(default)]
    include_property_values: bool,
}

impl Operation for DescribeChangeSet {
    type Service = Stacks;
    type Input = Input;
    type Output = ChangeSetShape;
    const NAME: &'static str = "DescribeChangeSet";

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
            "cloudformation:DescribeChangeSet",
            input.stack_name.as_ref().unwrap_or(&input.change_set_name),
        )
        .await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<ChangeSetShape, Fault> {
        let tx = &mut service.open(tx);
        let stack_name = input.stack_name.as_ref();
        let (place, set) = find_change_set(ctx, tx, &input.change_set_name, stack_name).await?;
        let start = match &input.next_token {
            None => 0,
            Some(token) => token.parse().map_err(|_| Error::validation("NextToken is invalid"))?,
        };
        let values = match input.include_property_values {
            true => contexts(service, tx, &place, &set).await?,
            false => Contexts::new(),
        };
        Ok(ChangeSetShape::of(&place, &set, start, &values))
    }
}
