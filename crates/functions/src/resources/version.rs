use super::{provisioned, values};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::Version`. `Ref` is its ARN. Code that has not changed since the last version gives
/// that version again.
pub(crate) struct Version;

const PROPERTIES: [Property; 4] = [
    Property { name: "CodeSha256", change: Replace },
    Property { name: "Description", change: Replace },
    Property { name: "FunctionName", change: Replace },
    Property { name: provisioned::NAME, change: InPlace },
];

impl ResourceProvider for Version {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::Version"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["FunctionArn", "Version"]
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
            let mut input = json!({});
            let as_is = ["CodeSha256", "Description", "FunctionName"];
            values::copy(desired.properties, &mut input, &as_is, Value::clone);
            let answer = cx.call("lambda", "PublishVersion", input).await?;
            let arn = answer["FunctionArn"].clone();
            let physical_id = arn.as_str().unwrap_or_default().to_owned();
            let of = (&answer["FunctionName"], &answer["Version"]);
            let set = provisioned::set(cx, of, &Map::new(), desired.properties).await;
            set.map_err(|fault| fault.leaving(&physical_id))?;
            Ok(Resource {
                physical_id,
                attributes: Map::from_iter([
                    ("FunctionArn".to_owned(), arn),
                    ("Version".to_owned(), answer["Version"].clone()),
                ]),
            })
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        // All else replaces; a change of nothing changes nothing.
        Box::pin(async move {
            let input = json!({"FunctionName": physical_id});
            let answer = cx.call("lambda", "GetFunctionConfiguration", input).await?;
            let of = (&answer["FunctionName"], &answer["Version"]);
            provisioned::set(cx, of, before, desired.properties).await?;
            Ok(Resource {
                physical_id: physical_id.to_owned(),
                attributes: Map::from_iter([
                    ("FunctionArn".to_owned(), physical_id.into()),
                    ("Version".to_owned(), answer["Version"].clone()),
                ]),
            })
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
            values::gone_is_deleted(cx.call("lambda", "DeleteFunction", input).await)
        })
    }
}
