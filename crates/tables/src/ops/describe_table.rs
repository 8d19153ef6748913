use crate::{
    Tables,
    model::{self, Description},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Describes a table.
pub(crate) struct DescribeTable;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    table: Description,
}

impl Operation for DescribeTable {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeTable";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.table_name, "dynamodb:DescribeTable"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let table = tables.described(ctx, tx, &input.table_name).await?;
        Ok(Output { table: Description::of(ctx, tx, &table, "ACTIVE").await? })
    }
}
