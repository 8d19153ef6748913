use super::values;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::EventInvokeConfig`. `Ref` is a generated id.
pub(crate) struct EventInvokeConfig;

const PROPERTIES: [Property; 5] = [
    Property { name: "DestinationConfig", change: InPlace },
    Property { name: "FunctionName", change: Replace },
    Property { name: "MaximumEventAgeInSeconds", change: InPlace },
    Property { name: "MaximumRetryAttempts", change: InPlace },
    Property { name: "Qualifier", change: Replace },
];

async fn put(cx: &ResourceContext, id: &str, desired: &Desired<'_>) -> Result<Resource, Fault> {
    let mut input = json!({});
    let as_is = ["DestinationConfig", "FunctionName", "Qualifier"];
    values::copy(desired.properties, &mut input, &as_is, Value::clone);
    let numbers = ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"];
    values::copy(desired.properties, &mut input, &numbers, values::number);
    cx.call("lambda", "PutFunctionEventInvokeConfig", input).await?;
    Ok(Resource { physical_id: id.to_owned(), attributes: Map::new() })
}

async fn is_there(cx: &ResourceContext, desired: &Desired<'_>) -> Result<bool, Fault> {
    let mut input = json!({});
    let names = ["FunctionName", "Qualifier"];
    values::copy(desired.properties, &mut input, &names, Value::clone);
    match cx.call("lambda", "GetFunctionEventInvokeConfig", input).await {
        Ok(_) => Ok(true),
        Err(fault) if fault.code() == "ResourceNotFoundException" => Ok(false),
        Err(fault) => Err(fault),
    }
}

impl ResourceProvider for EventInvokeConfig {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::EventInvokeConfig"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            // The settings are put, whoever made those that are there.
            if !cx.step.again && is_there(cx, &desired).await? {
                let function = desired.properties.get("FunctionName").and_then(Value::as_str);
                let function = function.unwrap_or_default();
                return Err(values::exists(self.resource_type(), function));
            }
            put(cx, desired.generated_name, &desired).await
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move { put(cx, physical_id, &desired).await })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        _physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut input = json!({});
            let names = ["FunctionName", "Qualifier"];
            values::copy(properties, &mut input, &names, Value::clone);
            let answer = cx.call("lambda", "DeleteFunctionEventInvokeConfig", input).await;
            values::gone_is_deleted(answer)
        })
    }
}
