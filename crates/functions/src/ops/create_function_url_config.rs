use crate::{
    Error, Functions,
    model::{self, AuthType, Cors, FunctionName, InvokeMode, Url, UrlView},
};
use clock::Ids;
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Gives a function a URL.
pub(crate) struct CreateFunctionUrlConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
    auth_type: AuthType,
    cors: Option<Cors>,
    invoke_mode: Option<InvokeMode>,
}

/// Characters of a URL's id.
const ID_CHARS: usize = 32;

impl Operation for CreateFunctionUrlConfig {
    type Service = Functions;
    type Input = Input;
    type Output = UrlView;
    const NAME: &'static str = "CreateFunctionUrlConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let action = "lambda:CreateFunctionUrlConfig";
        let condition = ("lambda:FunctionUrlAuthType", input.auth_type.as_str());
        let all = model::permission(platform, tx, &name, action).await?;
        Ok(all.into_iter().map(|one| one.with_condition(condition.0, condition.1)).collect())
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<UrlView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let function = model::the_of_url(platform, tx, &name).await?;
        if model::url_of(platform, tx, &name.place()).await?.is_some() {
            return Err(Error::Conflict(format!(
                "Failed to create function url config for [functionArn = {}]. Error message:  \
                 FunctionUrlConfig exists for this Lambda function",
                name.target()
            ))
            .into());
        }
        let url = Url {
            id: ctx.ids().text(ID_CHARS, Ids::LOWER),
            function: function.name,
            function_arn: name.target(),
            auth: input.auth_type,
            cors: input.cors.clone(),
            mode: input.invoke_mode.unwrap_or_default(),
            created: ctx.now,
            modified: ctx.now,
        };
        url.save(platform, tx)?;
        Ok(url.created_view(platform))
    }
}
