use crate::{
    Functions, config,
    model::{self, FunctionName, ProvisionedView},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Arn;

/// Lists what versions and aliases of a function have of instances that are kept ready.
pub(crate) struct ListProvisionedConcurrencyConfigs;

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
    provisioned_concurrency_configs: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    function_arn: Arn,
    #[serde(flatten)]
    view: ProvisionedView,
}

impl Operation for ListProvisionedConcurrencyConfigs {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListProvisionedConcurrencyConfigs";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:ListProvisionedConcurrencyConfigs").await
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
        let limit = input.max_items.unwrap_or(config::LIST_PROVISIONED);
        let limit = limit.min(config::LIST_PROVISIONED);
        let after = model::read_marker(input.marker.as_deref())?;
        let mut found = model::all_provisioned_of(platform, tx, name.as_str()).await?;
        found.retain(|one| after.as_ref().is_none_or(|after| one.qualifier > *after));
        let (page, next_marker) = model::page(&found, limit, |one| one.qualifier.clone());
        let mut configs = Vec::new();
        for one in page {
            let view = one.view(platform, tx, &functions.pools).await?;
            configs.push(Item { function_arn: one.arn(&function.arn), view });
        }
        Ok(Output { provisioned_concurrency_configs: configs, next_marker })
    }
}
