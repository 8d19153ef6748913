use super::values;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::Url`. `Ref` is the function's ARN.
pub(crate) struct Url;

const PROPERTIES: [Property; 5] = [
    Property { name: "AuthType", change: InPlace },
    Property { name: "Cors", change: InPlace },
    Property { name: "InvokeMode", change: InPlace },
    Property { name: "Qualifier", change: Replace },
    Property { name: "TargetFunctionArn", change: Replace },
];

/// The configuration; what the template does not say has its default.
fn configuration(function: &Value, properties: &Map<String, Value>) -> Value {
    let mut input = json!({"FunctionName": function, "Cors": {}, "InvokeMode": "BUFFERED"});
    values::copy(properties, &mut input, &["AuthType", "InvokeMode"], Value::clone);
    // What a physical id names has its qualifier already.
    if function.as_str().is_none_or(|arn| arn.split(':').count() <= 7) {
        values::copy(properties, &mut input, &["Qualifier"], Value::clone);
    }
    values::copy(properties, &mut input, &["Cors"], |cors| {
        let cors = values::members(cors, &["MaxAge"], values::number);
        values::members(&cors, &["AllowCredentials"], values::boolean)
    });
    input
}

fn resource(answer: &Value) -> Resource {
    let attribute = |name: &str| (name.to_owned(), answer[name].clone());
    Resource {
        physical_id: answer["FunctionArn"].as_str().unwrap_or_default().to_owned(),
        attributes: Map::from_iter([attribute("FunctionArn"), attribute("FunctionUrl")]),
    }
}

impl ResourceProvider for Url {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::Url"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["FunctionArn", "FunctionUrl"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let function = desired.properties.get("TargetFunctionArn").unwrap_or(&Value::Null);
            let input = configuration(function, desired.properties);
            match cx.call("lambda", "CreateFunctionUrlConfig", input.clone()).await {
                Ok(answer) => Ok(resource(&answer)),
                // A function has one URL at most.
                Err(fault) if values::is_own(cx, &fault) => {
                    let answer = cx.call("lambda", "UpdateFunctionUrlConfig", input).await?;
                    Ok(resource(&answer))
                }
                Err(fault) => Err(values::conflict(fault, self.resource_type(), function)),
            }
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let input = configuration(&physical_id.into(), desired.properties);
            let answer = cx.call("lambda", "UpdateFunctionUrlConfig", input).await?;
            Ok(resource(&answer))
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let input = json!({"FunctionName": physical_id});
            values::gone_is_deleted(cx.call("lambda", "DeleteFunctionUrlConfig", input).await)
        })
    }
}
