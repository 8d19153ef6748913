use super::{provisioned, values};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::Alias`. `Ref` is its ARN.
pub(crate) struct Alias;

const PROPERTIES: [Property; 6] = [
    Property { name: "Description", change: InPlace },
    Property { name: "FunctionName", change: Replace },
    Property { name: "FunctionVersion", change: InPlace },
    Property { name: "Name", change: Replace },
    Property { name: provisioned::NAME, change: InPlace },
    Property { name: "RoutingConfig", change: InPlace },
];

/// The input of both operations; what the template does not say has its default.
fn configuration(properties: &Map<String, Value>) -> Value {
    let mut input = json!({"Description": "", "RoutingConfig": {}});
    let as_is = ["Description", "FunctionName", "Name"];
    values::copy(properties, &mut input, &as_is, Value::clone);
    values::copy(properties, &mut input, &["FunctionVersion"], values::text);
    values::copy(properties, &mut input, &["RoutingConfig"], |routing| {
        // Templates have a list where the operations have a map.
        let weights = routing["AdditionalVersionWeights"].as_array();
        let weights = weights.into_iter().flatten().map(|one| {
            let version = values::text(&one["FunctionVersion"]);
            let weight = &one["FunctionWeight"];
            let number = weight.as_str().and_then(|text| text.parse::<f64>().ok());
            let weight = number.map_or_else(|| weight.clone(), Value::from);
            (version.as_str().unwrap_or_default().to_owned(), weight)
        });
        json!({"AdditionalVersionWeights": weights.collect::<Map<_, _>>()})
    });
    input
}

fn resource(answer: &Value) -> Resource {
    let arn = answer["AliasArn"].clone();
    Resource {
        physical_id: arn.as_str().unwrap_or_default().to_owned(),
        attributes: Map::from_iter([("AliasArn".to_owned(), arn)]),
    }
}

impl ResourceProvider for Alias {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::Alias"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["AliasArn"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        provisioned::check(properties)
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let input = configuration(desired.properties);
            let answer = match cx.call("lambda", "CreateAlias", input.clone()).await {
                // An alias has nothing that tells who made it.
                Err(fault) if values::is_own(cx, &fault) => {
                    cx.call("lambda", "UpdateAlias", input.clone()).await?
                }
                answer => answer.map_err(|fault| {
                    values::conflict(fault, self.resource_type(), &input["Name"])
                })?,
            };
            let made = resource(&answer);
            let of = (&input["FunctionName"], &input["Name"]);
            let set = provisioned::set(cx, of, &Map::new(), desired.properties).await;
            set.map_err(|fault| fault.leaving(&made.physical_id))?;
            Ok(made)
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        _physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let input = configuration(desired.properties);
            let made = resource(&cx.call("lambda", "UpdateAlias", input.clone()).await?);
            let of = (&input["FunctionName"], &input["Name"]);
            provisioned::set(cx, of, before, desired.properties).await?;
            Ok(made)
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        _physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut input = json!({});
            values::copy(properties, &mut input, &["FunctionName", "Name"], Value::clone);
            values::gone_is_deleted(cx.call("lambda", "DeleteAlias", input).await)
        })
    }
}
