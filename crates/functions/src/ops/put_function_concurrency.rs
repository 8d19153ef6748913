use crate::{
    Functions,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Gives a function instances for itself, which also limits it to these.
pub(crate) struct PutFunctionConcurrency;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    reserved_concurrent_executions: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    reserved_concurrent_executions: u32,
}

impl Operation for PutFunctionConcurrency {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "PutFunctionConcurrency";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = FunctionName::parse(&functions.platform, &input.function_name, None)?;
        model::permission(&functions.platform, tx, &name, "lambda:PutFunctionConcurrency").await
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
        let wanted = input.reserved_concurrent_executions;
        let instances = functions.max_instances;
        model::reserve(platform, tx, name.as_str(), Some(wanted), instances).await?;
        Ok(Output { reserved_concurrent_executions: wanted })
    }
}
