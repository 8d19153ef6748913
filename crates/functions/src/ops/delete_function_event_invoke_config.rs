use crate::{
    Functions, keys,
    model::{self, FunctionName, InvokeConfig},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Goes back to the defaults for asynchronous invocations of a function.
pub(crate) struct DeleteFunctionEventInvokeConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for DeleteFunctionEventInvokeConfig {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteFunctionEventInvokeConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:DeleteFunctionEventInvokeConfig").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::the(platform, tx, &name).await?;
        InvokeConfig::the(platform, tx, &name).await?;
        tx.delete(keys::invoke_config(&platform.account, &platform.region, &name.place()))?;
        Ok(Empty {})
    }
}
