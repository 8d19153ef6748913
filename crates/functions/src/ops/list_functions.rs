use crate::{
    Functions, config,
    model::{self, Configuration, Function},
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
        let all = match input.function_version {
            None => model::list(&functions.platform, tx, after.as_deref(), limit + 1).await?,
            Some(_) => with_versions(functions, tx, after.as_deref(), limit + 1).await?,
        };
        let mark = |last: &Function| match last.version {
            None => last.name.clone(),
            Some(number) => format!("{}:{number}", last.name),
        };
        let (page, next_marker) = model::page(&all, limit, mark);
        let view = |function: &Function| -> Result<Configuration, Fault> {
            let view = model::describe(function, &functions.vault)?.in_list();
            Ok(match input.function_version {
                None => view,
                Some(_) => view.called(function.qualified_arn()),
            })
        };
        Ok(Output { functions: page.iter().map(view).collect::<Result<_, Fault>>()?, next_marker })
    }
}

/// Each function, followed by its versions, after a name or a `name:number`.
async fn with_versions(
    functions: &Functions,
    tx: &mut Transaction,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Function>, Fault> {
    let platform = &functions.platform;
    let (name, number) = after.map_or((None, None), |after| match after.split_once(':') {
        Some((name, number)) => (Some(name), number.parse().ok()),
        None => (Some(after), Some(0)),
    });
    let mut all = Vec::new();
    if let (Some(name), Some(number)) = (name, number) {
        all = model::list_versions(platform, tx, name, number, limit).await?;
    }
    let rest = limit - all.len();
    for latest in model::list(platform, tx, name, rest).await? {
        let rest = limit.saturating_sub(all.len() + 1);
        let versions = model::list_versions(platform, tx, &latest.name, 0, rest).await?;
        all.push(latest);
        all.extend(versions);
        if all.len() >= limit {
            break;
        }
    }
    Ok(all)
}
