use crate::{
    Functions,
    model::{self, Configuration, FunctionName},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, Fault, Operation, Permission};
use types::Tags;

/// Tells configuration, tags and, for a while, the code of a function.
pub(crate) struct GetFunction;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    configuration: Configuration,
    code: Value,
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<Value>,
}

impl Operation for GetFunction {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetFunction";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:GetFunction").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let function = model::the(platform, tx, &name).await?;
        let configuration = model::describe(&function, &functions.vault)?;
        let reserved = model::reserved(platform, tx, name.as_str()).await?;
        let location = functions.download_url(&function.code.id, ctx.now, ctx.ids().bytes())?;
        Ok(Output {
            concurrency: reserved.map(|n| json!({"ReservedConcurrentExecutions": n})),
            configuration: match name.is_qualified() {
                true => configuration.called(name.qualified_arn()),
                false => configuration,
            },
            code: json!({"RepositoryType": "S3", "Location": location}),
            tags: function.tags,
        })
    }
}
