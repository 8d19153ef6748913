use crate::{
    Functions,
    model::{self, FunctionName, RecursiveLoop},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Says whether a function may run in a loop of its own.
pub(crate) struct PutFunctionRecursionConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    recursive_loop: RecursiveLoop,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    recursive_loop: RecursiveLoop,
}

impl Operation for PutFunctionRecursionConfig {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "PutFunctionRecursionConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:PutFunctionRecursionConfig").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        let mut function = model::the(platform, tx, &name).await?;
        function.allows_loops = input.recursive_loop == RecursiveLoop::Allow;
        model::save(platform, tx, &function)?;
        Ok(Output { recursive_loop: input.recursive_loop })
    }
}
