use crate::{
    Functions,
    model::{self, Configuration, FunctionName},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Tells the configuration of a function.
pub(crate) struct GetFunctionConfiguration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for GetFunctionConfiguration {
    type Service = Functions;
    type Input = Input;
    type Output = Configuration;
    const NAME: &'static str = "GetFunctionConfiguration";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:GetFunctionConfiguration").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Configuration, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let function = model::the(platform, tx, &name).await?;
        let configuration = model::describe(&function, &functions.vault)?;
        Ok(match name.is_qualified() {
            true => configuration.called(name.qualified_arn()),
            false => configuration,
        })
    }
}
