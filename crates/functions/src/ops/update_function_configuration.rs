use super::create_function::{check_role, pass_role};
use crate::{
    Functions,
    model::{self, Configuration, FunctionName, SettingsInput, split},
};
use kv::Transaction;
use serde::{Deserialize, Deserializer};
use service::{Context, Fault, Operation, Permission};

/// Changes the configuration of a function; what is absent stays.
pub(crate) struct UpdateFunctionConfiguration;

#[derive(Debug)]
pub(crate) struct Input {
    own: Own,
    settings: SettingsInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Own {
    function_name: String,
    revision_id: Option<String>,
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (own, settings) = split(deserializer, &["FunctionName", "RevisionId"])?;
        Ok(Self { own, settings })
    }
}

impl Operation for UpdateFunctionConfiguration {
    type Service = Functions;
    type Input = Input;
    type Output = Configuration;
    const NAME: &'static str = "UpdateFunctionConfiguration";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.own.function_name)?;
        let action = "lambda:UpdateFunctionConfiguration";
        let mut needed = model::permission(platform, tx, &name, action).await?;
        needed.extend(input.settings.role.as_ref().map(pass_role));
        let layers = input.settings.layers.as_deref();
        needed.extend(model::layers_permissions(platform, tx, layers).await?);
        Ok(needed)
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Configuration, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.own.function_name)?;
        let mut function = model::the(platform, tx, &name).await?;
        model::check_revision(&function.revision, input.own.revision_id.as_deref())?;
        let nonce = ctx.ids().bytes();
        function.settings.apply(&input.settings, &functions.vault, name.arn(), nonce)?;
        let layers = input.settings.layers.as_deref();
        model::use_layers(functions, tx, &mut function.settings, layers, ctx.now).await?;
        if layers.is_some() {
            functions.check_unpacked(tx, &function.code.id, &function.settings.layers).await?;
        }
        if let Some(role) = &input.settings.role {
            check_role(functions, tx, role, name.as_str()).await?;
        }
        function.modified = ctx.now;
        function.revision = ctx.ids().uuid();
        function.instances = ctx.ids().uuid();
        model::save(platform, tx, &function)?;
        Ok(model::describe(&function, &functions.vault)?)
    }
}
