use crate::{
    Tables,
    model::{self, Tag},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The tags of a table, all in one page.
pub(crate) struct ListTagsOfResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
}

impl Operation for ListTagsOfResource {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListTagsOfResource";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.resource_arn, "dynamodb:ListTagsOfResource"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let table = model::tagged(tables, ctx, tx, &input.resource_arn).await?;
        Ok(Output { tags: model::tag_list(&table.tags) })
    }
}
