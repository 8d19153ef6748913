use crate::{
    Tables,
    model::{self, Table, Tag},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Adds tags to a table.
pub(crate) struct TagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    type Service = Tables;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "TagResource";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.resource_arn, "dynamodb:TagResource"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let table = model::tagged(tables, ctx, tx, &input.resource_arn).await?;
        let mut table = Table::clone(&table);
        model::add_tags(ctx, &mut table, &input.tags)?;
        model::save(ctx, tx, &table)?;
        Ok(Empty {})
    }
}
