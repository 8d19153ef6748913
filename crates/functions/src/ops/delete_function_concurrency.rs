use crate::{
    Functions,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets a function share instances with all others again.
pub(crate) struct DeleteFunctionConcurrency;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
}

impl Operation for DeleteFunctionConcurrency {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteFunctionConcurrency";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = FunctionName::parse(&functions.platform, &input.function_name, None)?;
        model::permission(&functions.platform, tx, &name, "lambda:DeleteFunctionConcurrency").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, None)?;
        model::the(platform, tx, &name).await?;
        model::reserve(platform, tx, name.as_str(), None, functions.max_instances).await?;
        Ok(Empty {})
    }
}
