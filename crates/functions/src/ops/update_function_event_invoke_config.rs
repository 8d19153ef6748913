use crate::{
    Functions, keys,
    model::{self, Destinations, FunctionName, InvokeConfig, InvokeConfigView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Changes how asynchronous invocations of a function are handled; what is absent stays.
pub(crate) struct UpdateFunctionEventInvokeConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
    maximum_retry_attempts: Option<u32>,
    maximum_event_age_in_seconds: Option<u32>,
    destination_config: Option<Destinations>,
}

impl Operation for UpdateFunctionEventInvokeConfig {
    type Service = Functions;
    type Input = Input;
    type Output = InvokeConfigView;
    const NAME: &'static str = "UpdateFunctionEventInvokeConfig";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:UpdateFunctionEventInvokeConfig").await
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
        let mut config = InvokeConfig::the(platform, tx, &name).await?;
        if let Some(destinations) = &input.destination_config {
            destinations.check(platform, tx, &name).await?;
            config.destinations = destinations.clone();
        }
        config.retries = input.maximum_retry_attempts.or(config.retries);
        config.age_seconds = input.maximum_event_age_in_seconds.or(config.age_seconds);
        config.modified = ctx.now;
        tx.put_record(keys::invoke_config(ctx.account(), &ctx.region, &name.place()), &config)?;
        Ok(config.view())
    }
}
