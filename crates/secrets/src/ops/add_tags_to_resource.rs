use crate::{
    Parameters,
    keys::Place,
    model::{self, Tag},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Adds tags to a parameter, or changes them.
pub(crate) struct AddTagsToResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_type: String,
    resource_id: String,
    tags: Vec<Tag>,
}

impl Operation for AddTagsToResource {
    type Service = Parameters;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "AddTagsToResource";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:AddTagsToResource", &input.resource_id)])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let (kind, name) = (&input.resource_type, &input.resource_id);
        let mut parameter = super::tagged(ctx, tx, kind, name).await?;
        parameter.tags = model::merge_tags(ctx, &parameter.tags, &input.tags)?;
        parameter.save(tx, &Place::of(ctx))?;
        Ok(Empty {})
    }
}
