use crate::{
    Error, Functions, keys,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a function with its URL and its settings. Event source mappings stay, as on AWS.
pub(crate) struct DeleteFunction;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for DeleteFunction {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteFunction";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:DeleteFunction").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let function = model::the(platform, tx, &name).await?;
        if name.qualified_arn() != *name.arn() {
            let text = "$LATEST version cannot be deleted without deleting the function.";
            return Err(Error::InvalidParameterValue(text.to_owned()).into());
        }
        functions.release(tx, &function.code.id, ctx.now).await?;
        if let Some(url) = model::url_of(platform, tx, &function.name).await? {
            url.delete(platform, tx)?;
        }
        tx.delete(keys::invoke_config(&platform.account, &platform.region, &function.name))?;
        tx.delete(keys::function(&platform.account, &platform.region, &function.name))?;
        functions.retire(&function);
        Ok(Empty {})
    }
}
