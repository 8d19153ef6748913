use crate::{
    Functions, config,
    model::{self, Alias, AliasView, FunctionName},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the aliases of a function, those of one version if told.
pub(crate) struct ListAliases;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    aliases: Vec<AliasView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for ListAliases {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListAliases";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:ListAliases").await
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
        let wanted = |alias: &Alias| {
            after.as_ref().is_none_or(|after| alias.name > *after)
                && input.function_version.as_ref().is_none_or(|version| alias.names(version))
        };
        let mut found = model::aliases(platform, tx, &function.name).await?;
        found.retain(wanted);
        let (page, next_marker) = model::page(&found, limit, |alias| alias.name.clone());
        Ok(Output { aliases: page.iter().map(Alias::view).collect(), next_marker })
    }
}
