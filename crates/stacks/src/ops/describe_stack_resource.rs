use crate::{
    Error, Stacks,
    blueprint::process,
    engine::template_text,
    model::{ResourceRecord, Stack, find},
    requests::permission,
    sealed::Sealed,
    shapes::ResourceDetail,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Describes one resource of a stack.
pub(crate) struct DescribeStackResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    logical_resource_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_resource_detail: ResourceDetail,
}

impl Operation for DescribeStackResource {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeStackResource";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:DescribeStackResource", &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let name = &input.stack_name;
        let missing = || Error::validation(format!("Stack '{name}' does not exist"));
        let stack = find(ctx, tx, name).await?.ok_or_else(missing)?;
        let id = &input.logical_resource_id;
        let record: Option<ResourceRecord> = tx.get_record(&stack.place.resource(id)).await?;
        let missing = || {
            Error::validation(format!(
                "Resource {id} does not exist for stack {}",
                stack.place.name
            ))
        };
        let record = record.ok_or_else(missing)?;
        let metadata = metadata(tx, &stack, id).await?;
        Ok(Output { stack_resource_detail: ResourceDetail::of(&stack, &record, metadata) })
    }
}

/// The metadata attribute of a resource, as JSON text.
async fn metadata(tx: &mut Sealed<'_>, stack: &Stack, id: &str) -> Result<Option<String>, Fault> {
    let text = template_text(tx, &stack.place, stack.settings.template).await?;
    let Some(text) = text else { return Ok(None) };
    let region = stack.place.region.as_str();
    let (_, document) = process(&text, &stack.settings.values(), region)?;
    let node = document.root().at_path(&["Resources", id, "Metadata"]);
    Ok(node.map(|node| node.to_json().to_string()))
}
