use crate::{
    Error, Functions,
    model::{self, FunctionName, ProvisionedView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Tells how many instances of a version or an alias are to be kept ready, and how many are.
pub(crate) struct GetProvisionedConcurrencyConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: String,
}

impl Operation for GetProvisionedConcurrencyConfig {
    type Service = Functions;
    type Input = Input;
    type Output = ProvisionedView;
    const NAME: &'static str = "GetProvisionedConcurrencyConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, Some(&input.qualifier))?;
        model::permission(platform, tx, &name, "lambda:GetProvisionedConcurrencyConfig").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<ProvisionedView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, Some(&input.qualifier))?;
        let qualifier = model::provisioned_name(platform, tx, &name).await?;
        let found = model::find_provisioned(platform, tx, name.as_str(), &qualifier).await?;
        let config = found.ok_or(Error::NotProvisioned)?;
        Ok(config.view(platform, tx, &functions.pools).await?)
    }
}
