use crate::{
    Functions,
    model::{self, AuthType, Cors, FunctionName, InvokeMode, UrlView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Changes the URL of a function; the URL itself stays.
pub(crate) struct UpdateFunctionUrlConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
    auth_type: Option<AuthType>,
    cors: Option<Cors>,
    invoke_mode: Option<InvokeMode>,
}

impl Operation for UpdateFunctionUrlConfig {
    type Service = Functions;
    type Input = Input;
    type Output = UrlView;
    const NAME: &'static str = "UpdateFunctionUrlConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:UpdateFunctionUrlConfig").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<UrlView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::the_of_url(platform, tx, &name).await?;
        let mut url = model::the_url_of(platform, tx, &name.place()).await?;
        url.auth = input.auth_type.unwrap_or(url.auth);
        url.cors = input.cors.clone().or(url.cors);
        url.mode = input.invoke_mode.unwrap_or(url.mode);
        url.modified = ctx.now;
        url.save(platform, tx)?;
        Ok(url.view(platform))
    }
}
