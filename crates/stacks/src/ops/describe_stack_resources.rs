use crate::{
    Error, Stacks, config,
    model::find,
    requests::{permission, records},
    shapes::ResourceShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Describes the resources of a stack, found by the stack or by one of them.
pub(crate) struct DescribeStackResources;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: Option<String>,
    logical_resource_id: Option<String>,
    physical_resource_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_resources: Vec<ResourceShape>,
}

impl Operation for DescribeStackResources {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeStackResources";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        match &input.stack_name {
            Some(name) => permission(ctx, tx, "cloudformation:DescribeStackResources", name).await,
            None => permission(ctx, tx, "cloudformation:DescribeStackResources", "*").await,
        }
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let stack = match (&input.stack_name, &input.physical_resource_id) {
            (Some(name), None) => {
                let missing = || Error::validation(format!("Stack with id {name} does not exist"));
                find(ctx, tx, name).await?.ok_or_else(missing)?
            }
            (None, Some(_)) => {
                return Err(Fault::unsupported(
                    "parameter PhysicalResourceId of DescribeStackResources",
                ));
            }
            _ => {
                let text = "Either stack name or physical id, but not both, must be specified";
                return Err(Error::validation(text).into());
            }
        };
        let wanted = input.logical_resource_id.as_ref();
        let records = records(tx, &stack.place).await?;
        let chosen = records.values().filter(|r| wanted.is_none_or(|id| *id == r.logical_id));
        // The official operation, too, tells the first hundred only.
        let shapes = chosen.take(config::PAGE).map(|record| ResourceShape::of(&stack, record));
        Ok(Output { stack_resources: shapes.collect() })
    }
}
