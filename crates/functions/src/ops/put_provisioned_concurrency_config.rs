use crate::{
    Functions,
    model::{self, FunctionName, ProvisionedView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Has instances of a version, or of what an alias means, kept ready. They are started behind the
/// answer.
pub(crate) struct PutProvisionedConcurrencyConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: String,
    provisioned_concurrent_executions: u32,
}

impl Operation for PutProvisionedConcurrencyConfig {
    type Service = Functions;
    type Input = Input;
    type Output = ProvisionedView;
    const NAME: &'static str = "PutProvisionedConcurrencyConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, Some(&input.qualifier))?;
        model::permission(platform, tx, &name, "lambda:PutProvisionedConcurrencyConfig").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<ProvisionedView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, Some(&input.qualifier))?;
        let wanted = (input.provisioned_concurrent_executions, ctx.now);
        let most = functions.max_instances;
        let config = model::provision(platform, tx, &name, wanted, most).await?;
        Ok(config.view(platform, tx, &functions.pools).await?)
    }
}
