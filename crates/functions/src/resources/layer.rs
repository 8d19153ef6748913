use super::values;
use crate::config;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::Replace, Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::LayerVersion`. `Ref` is the version's ARN.
pub(crate) struct LayerVersion;

const PROPERTIES: [Property; 6] = [
    Property { name: "CompatibleArchitectures", change: Replace },
    Property { name: "CompatibleRuntimes", change: Replace },
    Property { name: "Content", change: Replace },
    Property { name: "Description", change: Replace },
    Property { name: "LayerName", change: Replace },
    Property { name: "LicenseInfo", change: Replace },
];

fn resource(arn: &str) -> Resource {
    let attributes = Map::from_iter([("LayerVersionArn".to_owned(), arn.into())]);
    Resource { physical_id: arn.to_owned(), attributes }
}

impl ResourceProvider for LayerVersion {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::LayerVersion"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["LayerVersionArn"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let mut input = json!({"LayerName": desired.name_within(config::LAYER_NAME_CHARS)});
            let as_is = PROPERTIES.map(|property| property.name);
            values::copy(desired.properties, &mut input, &as_is, Value::clone);
            let answer = cx.call("lambda", "PublishLayerVersion", input).await?;
            Ok(resource(answer["LayerVersionArn"].as_str().unwrap_or_default()))
        })
    }

    fn update<'a>(
        &'a self,
        _cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        _desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        // Every property replaces; a change of none changes nothing.
        Box::pin(async move { Ok(resource(physical_id)) })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let Some((layer, number)) = physical_id.rsplit_once(':') else { return Ok(()) };
            let number: u32 = number.parse().unwrap_or_default();
            let input = json!({"LayerName": layer, "VersionNumber": number});
            values::gone_is_deleted(cx.call("lambda", "DeleteLayerVersion", input).await)
        })
    }
}
