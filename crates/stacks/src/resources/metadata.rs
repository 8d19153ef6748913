use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use service::{Change, Desired, Fault, Property, Resource, ResourceContext, ResourceProvider};

/// `AWS::CDK::Metadata`, by which the CDK tells AWS of what an app is made. Nobody is told here, and
/// nothing else ever comes of it.
pub(crate) struct CdkMetadata;

const PROPERTIES: [Property; 1] = [Property { name: "Analytics", change: Change::InPlace }];

impl ResourceProvider for CdkMetadata {
    fn resource_type(&self) -> &'static str {
        "AWS::CDK::Metadata"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create<'a>(
        &'a self,
        _: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        let physical_id = desired.generated_name.to_owned();
        Box::pin(async { Ok(Resource { physical_id, attributes: Map::new() }) })
    }

    fn update<'a>(
        &'a self,
        _: &'a ResourceContext,
        physical_id: &'a str,
        _: &'a Map<String, Value>,
        _: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        let physical_id = physical_id.to_owned();
        Box::pin(async { Ok(Resource { physical_id, attributes: Map::new() }) })
    }

    fn delete<'a>(
        &'a self,
        _: &'a ResourceContext,
        _: &'a str,
        _: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}
