use super::values;
use crate::config;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::EventSourceMapping`. `Ref` is its UUID.
pub(crate) struct EventSourceMapping;

const PROPERTIES: [Property; 8] = [
    Property { name: "BatchSize", change: InPlace },
    Property { name: "Enabled", change: InPlace },
    Property { name: "EventSourceArn", change: Replace },
    Property { name: "FilterCriteria", change: InPlace },
    Property { name: "FunctionName", change: InPlace },
    Property { name: "FunctionResponseTypes", change: InPlace },
    Property { name: "MaximumBatchingWindowInSeconds", change: InPlace },
    Property { name: "ScalingConfig", change: InPlace },
];

/// The configuration; what the template does not say has its default.
fn configuration(properties: &Map<String, Value>) -> Value {
    let mut input = json!({
        "BatchSize": config::DEFAULT_BATCH_SIZE,
        "Enabled": true,
        "FilterCriteria": {},
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "ScalingConfig": {},
    });
    let as_is = ["FilterCriteria", "FunctionName", "FunctionResponseTypes"];
    values::copy(properties, &mut input, &as_is, Value::clone);
    let numbers = ["BatchSize", "MaximumBatchingWindowInSeconds"];
    values::copy(properties, &mut input, &numbers, values::number);
    values::copy(properties, &mut input, &["Enabled"], values::boolean);
    values::copy(properties, &mut input, &["ScalingConfig"], |scaling| {
        values::members(scaling, &["MaximumConcurrency"], values::number)
    });
    input
}

fn resource(answer: &Value) -> Resource {
    let id = answer["UUID"].clone();
    Resource {
        physical_id: id.as_str().unwrap_or_default().to_owned(),
        attributes: Map::from_iter([
            ("Id".to_owned(), id),
            ("EventSourceMappingArn".to_owned(), answer["EventSourceMappingArn"].clone()),
        ]),
    }
}

/// The mapping between these two that an earlier run made.
async fn existing(
    cx: &ResourceContext,
    function: &Value,
    source: &Value,
) -> Result<Option<Value>, Fault> {
    let input = json!({"FunctionName": function, "EventSourceArn": source});
    let mut found = cx.call("lambda", "ListEventSourceMappings", input).await?;
    Ok(found["EventSourceMappings"].get_mut(0).map(Value::take))
}

impl ResourceProvider for EventSourceMapping {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::EventSourceMapping"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["EventSourceMappingArn", "Id"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let mut input = configuration(desired.properties);
            let source = desired.properties.get("EventSourceArn").cloned().unwrap_or_default();
            input["EventSourceArn"].clone_from(&source);
            let function = input["FunctionName"].clone();
            match cx.call("lambda", "CreateEventSourceMapping", input).await {
                Ok(answer) => Ok(resource(&answer)),
                Err(fault) if values::is_own(cx, &fault) => {
                    let found = existing(cx, &function, &source).await?;
                    found.map(|found| resource(&found)).ok_or(fault)
                }
                Err(fault) => Err(values::conflict(fault, self.resource_type(), &source)),
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
            let mut input = configuration(desired.properties);
            input["UUID"] = physical_id.into();
            let answer = cx.call("lambda", "UpdateEventSourceMapping", input).await?;
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
            let input = json!({"UUID": physical_id});
            values::gone_is_deleted(cx.call("lambda", "DeleteEventSourceMapping", input).await)
        })
    }
}
