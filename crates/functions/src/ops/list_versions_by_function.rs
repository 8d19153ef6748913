use crate::{
    Error, Functions, config,
    model::{self, Configuration, Function, FunctionName},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the versions of a function, `$LATEST` first.
pub(crate) struct ListVersionsByFunction;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    versions: Vec<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for ListVersionsByFunction {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListVersionsByFunction";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:ListVersionsByFunction").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        let function = model::the(platform, tx, &name).await?;
        let limit = input.max_items.unwrap_or(config::LIST_VERSIONS).min(config::LIST_VERSIONS);
        let after = model::read_marker(input.marker.as_deref())?;
        let number = after.as_deref().map_or(Ok(0), str::parse);
        let number =
            number.map_err(|_| Error::InvalidParameterValue("Invalid Marker".to_owned()))?;
        let mut all = model::list_versions(platform, tx, name.as_str(), number, limit + 1).await?;
        if after.is_none() {
            all.insert(0, function);
        }
        let mark = |last: &Function| last.version.unwrap_or_default().to_string();
        let (page, next_marker) = model::page(&all, limit, mark);
        let view = |version: &Function| -> Result<Configuration, Fault> {
            let view = model::describe(version, &functions.vault)?.in_list();
            Ok(view.called(version.qualified_arn()))
        };
        Ok(Output { versions: page.iter().map(view).collect::<Result<_, Fault>>()?, next_marker })
    }
}
