use crate::{
    Functions,
    model::{self, FunctionName, InvokeConfig, InvokeConfigView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Tells how asynchronous invocations of a function are handled.
pub(crate) struct GetFunctionEventInvokeConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for GetFunctionEventInvokeConfig {
    type Service = Functions;
    type Input = Input;
    type Output = InvokeConfigView;
    const NAME: &'static str = "GetFunctionEventInvokeConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:GetFunctionEventInvokeConfig").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<InvokeConfigView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::the(platform, tx, &name).await?;
        Ok(InvokeConfig::the(platform, tx, &name).await?.view())
    }
}
