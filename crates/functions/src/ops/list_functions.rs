use crate::{
    Functions, config,
    model::{self, Configuration},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists functions in the order of their names.
pub(crate) struct ListFunctions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    functions: Vec<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for ListFunctions {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListFunctions";

    async fn permissions(
        _: &Functions,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("lambda:ListFunctions", "*")])
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let limit = input.max_items.unwrap_or(config::LIST_FUNCTIONS).min(config::LIST_FUNCTIONS);
        let after = model::read_marker(input.marker.as_deref())?;
        let all = model::list(&functions.platform, tx, after.as_deref(), limit + 1).await?;
        let page = &all[..all.len().min(limit)];
        let qualified = input.function_version.is_some();
        let view = |function| -> Result<Configuration, Fault> {
            Ok(model::describe(function, &functions.vault)?.in_list(qualified))
        };
        let last = page.last().filter(|_| all.len() > limit);
        Ok(Output {
            functions: page.iter().map(view).collect::<Result<_, Fault>>()?,
            next_marker: last.map(|function| model::write_marker(&function.name)),
        })
    }
}
