use crate::{
    Functions, keys,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes an alias with its URL, its settings and its provisioned concurrency; one that is gone is deleted.
pub(crate) struct DeleteAlias;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    name: String,
}

impl Operation for DeleteAlias {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteAlias";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:DeleteAlias").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        let function = model::the(platform, tx, &name).await?;
        let place = format!("{}:{}", function.name, input.name);
        if let Some(url) = model::url_of(platform, tx, &place).await? {
            url.delete(platform, tx)?;
        }
        let (account, region) = (&platform.account, &platform.region);
        tx.delete(keys::invoke_config(account, region, &place))?;
        model::unprovision(platform, tx, &function.name, &input.name).await?;
        tx.delete(keys::alias(account, region, &function.name, &input.name))?;
        Ok(Empty {})
    }
}
