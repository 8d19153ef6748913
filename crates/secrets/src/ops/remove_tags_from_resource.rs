use crate::{Parameters, keys::Place};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes tags of a parameter.
pub(crate) struct RemoveTagsFromResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_type: String,
    resource_id: String,
    tag_keys: Vec<String>,
}

impl Operation for RemoveTagsFromResource {
    type Service = Parameters;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "RemoveTagsFromResource";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:RemoveTagsFromResource", &input.resource_id)])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let (kind, name) = (&input.resource_type, &input.resource_id);
        let mut parameter = super::tagged(ctx, tx, kind, name).await?;
        parameter.tags.retain(|key, _| !input.tag_keys.contains(key));
        parameter.save(tx, &Place::of(ctx))?;
        Ok(Empty {})
    }
}
