use crate::{
    Error, Functions, keys,
    model::{self, Destinations, FunctionName, InvokeConfig, InvokeConfigView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Says how asynchronous invocations of a function are handled, anew.
pub(crate) struct PutFunctionEventInvokeConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
    maximum_retry_attempts: Option<u32>,
    maximum_event_age_in_seconds: Option<u32>,
    destination_config: Option<Destinations>,
}

impl Operation for PutFunctionEventInvokeConfig {
    type Service = Functions;
    type Input = Input;
    type Output = InvokeConfigView;
    const NAME: &'static str = "PutFunctionEventInvokeConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:PutFunctionEventInvokeConfig").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<InvokeConfigView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        InvokeConfig::check_function(platform, tx, &name).await?;
        let is_empty = input.maximum_retry_attempts.is_none()
            && input.maximum_event_age_in_seconds.is_none()
            && input.destination_config.is_none();
        if is_empty {
            let text = "You must specify at least one of error handling or destination setting.";
            return Err(Error::InvalidParameterValue(text.to_owned()).into());
        }
        let destinations = input.destination_config.clone().unwrap_or_default();
        destinations.check(platform, tx, &name).await?;
        let config = InvokeConfig {
            function: name.target(),
            modified: ctx.now,
            retries: input.maximum_retry_attempts,
            age_seconds: input.maximum_event_age_in_seconds,
            destinations,
        };
        tx.put_record(keys::invoke_config(ctx.account(), &ctx.region, &name.place()), &config)?;
        Ok(config.view())
    }
}
