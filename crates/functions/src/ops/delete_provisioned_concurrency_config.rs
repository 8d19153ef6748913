use crate::{
    Functions,
    model::{self, FunctionName, Qualifier},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Keeps no instances of a version or an alias ready any more.
pub(crate) struct DeleteProvisionedConcurrencyConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: String,
}

impl Operation for DeleteProvisionedConcurrencyConfig {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteProvisionedConcurrencyConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, Some(&input.qualifier))?;
        model::permission(platform, tx, &name, "lambda:DeleteProvisionedConcurrencyConfig").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, Some(&input.qualifier))?;
        let qualifier = model::provisioned_name(platform, tx, &name).await?;
        if let Qualifier::Alias(alias) = name.qualifier() {
            model::check_unweighted(platform, tx, name.as_str(), alias).await?;
        }
        model::unprovision(platform, tx, name.as_str(), &qualifier).await?;
        Ok(Empty {})
    }
}
