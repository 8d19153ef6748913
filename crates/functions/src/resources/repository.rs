use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::ECR::Repository`. `Ref` is its name. There is no registry here: a repository is a name and
/// an ARN, and nothing is stored. What its properties say is said of images, of which there are
/// none; its address, to which images would be pushed, is no attribute.
pub(crate) struct Repository;

const PROPERTIES: [Property; 7] = [
    Property { name: "EmptyOnDelete", change: InPlace },
    Property { name: "ImageScanningConfiguration", change: InPlace },
    Property { name: "ImageTagMutability", change: InPlace },
    Property { name: "LifecyclePolicy", change: InPlace },
    Property { name: "RepositoryName", change: Replace },
    Property { name: "RepositoryPolicyText", change: InPlace },
    Property { name: "Tags", change: InPlace },
];

/// Characters of a name, as the API reference ("CreateRepository") gives them.
const NAME_CHARS: usize = 256;

fn resource(cx: &ResourceContext, name: &str) -> Resource {
    let repository = format!("repository/{name}");
    let arn = types::Arn::new("ecr", &cx.region, &cx.account, &repository).to_string();
    let attributes = Map::from_iter([("Arn".to_owned(), arn.into())]);
    Resource { physical_id: name.to_owned(), attributes }
}

impl ResourceProvider for Repository {
    fn resource_type(&self) -> &'static str {
        "AWS::ECR::Repository"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let given = desired.properties.get("RepositoryName").and_then(Value::as_str);
            // Generated names are in lower case, which is all that names can have.
            let generated = desired.name_within(NAME_CHARS).to_lowercase();
            Ok(resource(cx, given.unwrap_or(&generated)))
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        _desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move { Ok(resource(cx, physical_id)) })
    }

    fn delete<'a>(
        &'a self,
        _cx: &'a ResourceContext,
        _physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}
