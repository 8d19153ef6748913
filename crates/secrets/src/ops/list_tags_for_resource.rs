use crate::{
    Parameters,
    model::{self, Tag},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The tags of a parameter.
pub(crate) struct ListTagsForResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_type: String,
    resource_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tag_list: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListTagsForResource";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:ListTagsForResource", &input.resource_id)])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let (kind, name) = (&input.resource_type, &input.resource_id);
        let parameter = super::tagged(ctx, tx, kind, name).await?;
        Ok(Output { tag_list: model::to_list(&parameter.tags) })
    }
}
