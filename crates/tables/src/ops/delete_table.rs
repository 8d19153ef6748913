use crate::{
    Error, Tables, jobs, keys,
    model::{self, Description},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Deletes a table and, by a job, its items. Its name is free at once.
pub(crate) struct DeleteTable;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    table_description: Description,
}

impl Operation for DeleteTable {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DeleteTable";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.table_name, "dynamodb:DeleteTable"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let table = tables.described(ctx, tx, &input.table_name).await?;
        if table.protected {
            return Err(Error::validation(
                "Resource cannot be deleted as it is currently protected against deletion. \
                 Disable deletion protection first.",
            )
            .into());
        }
        let table_description = Description::of(ctx, tx, &table, "DELETING").await?;
        tx.delete(keys::table(ctx.account(), &ctx.region, table.name.as_str()))?;
        jobs::clear_later(ctx, tx, &table.store)?;
        Ok(Output { table_description })
    }
}
