use crate::{
    Error, Functions,
    model::{self, Alias, AliasView, FunctionName, Routing},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Changes what an alias means; what is absent stays.
pub(crate) struct UpdateAlias;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    name: String,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<Routing>,
    revision_id: Option<String>,
}

impl Operation for UpdateAlias {
    type Service = Functions;
    type Input = Input;
    type Output = AliasView;
    const NAME: &'static str = "UpdateAlias";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:UpdateAlias").await
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
        let before = model::find_alias(platform, tx, &function.name, &input.name).await?;
        let before = before.ok_or_else(|| {
            let arn = model::qualified(&function.arn, &input.name);
            Error::NotFound(format!("Alias not found: {arn}"))
        })?;
        model::check_revision(&before.revision, input.revision_id.as_deref())?;
        let alias = Alias {
            version: input.function_version.clone().unwrap_or(before.version),
            description: input.description.clone().unwrap_or(before.description),
            routing: input.routing_config.clone().unwrap_or(before.routing),
            revision: ctx.ids().uuid(),
            ..before
        };
        alias.check(platform, tx).await?;
        alias.save(platform, tx)?;
        model::alias_changed(platform, tx, &alias).await?;
        Ok(alias.view())
    }
}
