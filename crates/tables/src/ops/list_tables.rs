use crate::{Tables, config, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The names of the tables, in alphabetical order.
pub(crate) struct ListTables;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    exclusive_start_table_name: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    table_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_evaluated_table_name: Option<String>,
}

impl Operation for ListTables {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListTables";

    async fn permissions(
        _: &Tables,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::control("dynamodb:ListTables"))
    }

    async fn run(
        _: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let limit = input.limit.unwrap_or(config::LIST_NAMES);
        let after = input.exclusive_start_table_name.as_deref();
        let tables = model::list(ctx, tx, after, limit + 1).await?;
        let mut table_names: Vec<String> =
            tables.iter().map(|table| table.name.as_str().to_owned()).collect();
        let more = table_names.len() > limit;
        table_names.truncate(limit);
        let last_evaluated_table_name = table_names.last().filter(|_| more).cloned();
        Ok(Output { table_names, last_evaluated_table_name })
    }
}
