use crate::{
    Functions,
    model::{self, FunctionName, InvokeConfig, InvokeConfigView},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the configurations of asynchronous invocations of a function, of which there is at most
/// one.
pub(crate) struct ListFunctionEventInvokeConfigs;

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
    function_event_invoke_configs: Vec<InvokeConfigView>,
}

impl Operation for ListFunctionEventInvokeConfigs {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListFunctionEventInvokeConfigs";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:ListFunctionEventInvokeConfigs").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::the(platform, tx, &name).await?;
        let all = InvokeConfig::all(platform, tx, name.as_str()).await?;
        let function_event_invoke_configs = all.iter().map(InvokeConfig::view).collect();
        Ok(Output { function_event_invoke_configs })
    }
}
