use crate::{
    Functions,
    model::{self, FunctionName, UrlView},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the URLs of a function: its own, and one of each alias.
pub(crate) struct ListFunctionUrlConfigs;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    #[serde(rename = "Marker")]
    _marker: Option<String>,
    #[serde(rename = "MaxItems")]
    _max_items: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    function_url_configs: Vec<UrlView>,
}

impl Operation for ListFunctionUrlConfigs {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListFunctionUrlConfigs";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:ListFunctionUrlConfigs").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::the_of_url(platform, tx, &name).await?;
        let urls = model::urls_of(platform, tx, name.as_str()).await?;
        let function_url_configs = urls.iter().map(|url| url.view(platform)).collect();
        Ok(Output { function_url_configs })
    }
}
