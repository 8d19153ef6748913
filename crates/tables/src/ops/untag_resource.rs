use crate::{
    Tables,
    model::{self, Table},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Takes tags away from a table.
pub(crate) struct UntagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Tables;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UntagResource";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.resource_arn, "dynamodb:UntagResource"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let table = model::tagged(tables, ctx, tx, &input.resource_arn).await?;
        let mut table = Table::clone(&table);
        model::remove_tags(ctx, &mut table, &input.tag_keys)?;
        model::save(ctx, tx, &table)?;
        Ok(Empty {})
    }
}
