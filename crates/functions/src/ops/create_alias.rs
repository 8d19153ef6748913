use crate::{
    Error, Functions, config,
    model::{self, Alias, AliasView, FunctionName, Routing},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Gives a version a name.
pub(crate) struct CreateAlias;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    name: String,
    function_version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    routing_config: Routing,
}

impl Operation for CreateAlias {
    type Service = Functions;
    type Input = Input;
    type Output = AliasView;
    const NAME: &'static str = "CreateAlias";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:CreateAlias").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<AliasView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        let function = model::the(platform, tx, &name).await?;
        let alias = Alias {
            name: input.name.clone(),
            function: function.name,
            function_arn: function.arn,
            version: input.function_version.clone(),
            routing: input.routing_config.clone(),
            description: input.description.clone(),
            revision: ctx.ids().uuid(),
            statements: Vec::new(),
        };
        if model::find_alias(platform, tx, &alias.function, &alias.name).await?.is_some() {
            let text = format!("Alias already exists: {}", alias.arn());
            return Err(Error::Conflict(text).into());
        }
        if model::aliases(platform, tx, &alias.function).await?.len() >= config::ALIASES {
            let text = format!("A function can have at most {} aliases.", config::ALIASES);
            return Err(Error::InvalidParameterValue(text).into());
        }
        alias.check(platform, tx).await?;
        alias.save(platform, tx)?;
        Ok(alias.view())
    }
}
