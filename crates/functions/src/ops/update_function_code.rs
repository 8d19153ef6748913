use super::create_function::take_code;
use crate::{
    Functions,
    code::CodeId,
    model::{self, Architectures, CodeLocation, Configuration, FunctionName, Publication},
};
use kv::Transaction;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};
use service::{Context, Fault, Permission, PreparedOperation};

/// Replaces the code of a function.
pub(crate) struct UpdateFunctionCode;

#[derive(Debug)]
pub(crate) struct Input {
    own: Own,
    code: CodeLocation,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Own {
    function_name: String,
    architectures: Option<Architectures>,
    publish: Option<bool>,
    #[serde(default)]
    dry_run: bool,
    revision_id: Option<String>,
}

const OWN: [&str; 5] = ["FunctionName", "Architectures", "Publish", "DryRun", "RevisionId"];

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::<String, Value>::deserialize(deserializer)?;
        let (own, code): (Map<_, _>, Map<_, _>) =
            members.into_iter().partition(|(name, _)| OWN.contains(&name.as_str()));
        Ok(Self {
            own: serde_json::from_value(own.into()).map_err(D::Error::custom)?,
            code: serde_json::from_value(code.into()).map_err(D::Error::custom)?,
        })
    }
}

impl PreparedOperation for UpdateFunctionCode {
    type Service = Functions;
    type Input = Input;
    type Output = Configuration;
    type Prepared = CodeId;
    const NAME: &'static str = "UpdateFunctionCode";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.own.function_name)?;
        model::permission(platform, tx, &name, "lambda:UpdateFunctionCode").await
    }

    async fn prepare(functions: &Functions, ctx: &Context, input: &Input) -> Result<CodeId, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.own.function_name)?;
        let function = model::the(platform, &mut platform.store.begin(), &name).await?;
        model::check_revision(&function.revision, input.own.revision_id.as_deref())?;
        take_code(functions, ctx, &input.code).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        code: &CodeId,
    ) -> Result<Configuration, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.own.function_name)?;
        let mut function = model::the(platform, tx, &name).await?;
        model::check_revision(&function.revision, input.own.revision_id.as_deref())?;
        let before = std::mem::replace(&mut function.code, functions.refer(tx, code).await?);
        functions.check_unpacked(tx, code, &function.settings.layers).await?;
        if input.own.architectures.is_some() {
            function.settings.architecture = Architectures::one(input.own.architectures.as_ref())?;
        }
        function.modified = ctx.now;
        function.revision = ctx.ids().uuid();
        function.instances = ctx.ids().uuid();
        let described = model::describe(&function, &functions.vault)?;
        if input.own.dry_run {
            functions.release(tx, code, ctx.now).await?;
            return Ok(described);
        }
        functions.release(tx, &before.id, ctx.now).await?;
        model::save(platform, tx, &function)?;
        if input.own.publish != Some(true) {
            return Ok(described);
        }
        let wanted = Publication::default();
        let published = model::publish(functions, ctx, tx, &function, wanted).await?;
        Ok(model::describe(&published, &functions.vault)?)
    }

    /// Code without a function goes by itself, after a grace.
    async fn release(_: &Functions, _: &CodeId) {}
}
