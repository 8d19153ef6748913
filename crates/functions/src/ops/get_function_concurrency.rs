use crate::{
    Functions,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells how many instances a function has for itself, if it has.
pub(crate) struct GetFunctionConcurrency;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_concurrent_executions: Option<u32>,
}

impl Operation for GetFunctionConcurrency {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetFunctionConcurrency";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = FunctionName::parse(&functions.platform, &input.function_name, None)?;
        model::permission(&functions.platform, tx, &name, "lambda:GetFunctionConcurrency").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, None)?;
        model::the(platform, tx, &name).await?;
        let reserved = model::reserved(platform, tx, name.as_str()).await?;
        Ok(Output { reserved_concurrent_executions: reserved })
    }
}
