use super::steps::{Properties, Subject, is_own, tags, text};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::IAM::User`. `Ref` is the user's name.
pub(super) struct User;

const PROPERTIES: [Property; 5] = [
    Property { name: "UserName", change: Replace },
    Property { name: "ManagedPolicyArns", change: InPlace },
    Property { name: "PermissionsBoundary", change: InPlace },
    Property { name: "Policies", change: InPlace },
    Property { name: "Tags", change: InPlace },
];

async fn describe(cx: &ResourceContext, name: &str) -> Result<Resource, Fault> {
    let answer = cx.call("iam", "GetUser", json!({"UserName": name})).await?;
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), answer["User"]["Arn"].clone());
    Ok(Resource { physical_id: name.to_owned(), attributes })
}

/// Creates the user, or finds the one that an earlier run created.
async fn create_or_find(
    cx: &ResourceContext,
    name: &str,
    properties: &Properties,
) -> Result<(), Fault> {
    let mut input = json!({"UserName": name, "Tags": tags(cx, properties)});
    if let Some(boundary) = properties.get("PermissionsBoundary") {
        input["PermissionsBoundary"] = boundary.clone();
    }
    let fault = match cx.call("iam", "CreateUser", input).await {
        Err(fault) if fault.code() == "EntityAlreadyExists" => fault,
        other => return other.map(drop),
    };
    let found = cx.call("iam", "GetUser", json!({"UserName": name})).await?;
    if is_own(cx, &found["User"]["Tags"]) { Ok(()) } else { Err(fault) }
}

impl ResourceProvider for User {
    fn resource_type(&self) -> &'static str {
        "AWS::IAM::User"
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
            let properties = desired.properties;
            let name = text(properties, "UserName").map(str::to_owned);
            let name = name.unwrap_or_else(|| desired.name_within(64));
            create_or_find(cx, &name, properties).await?;
            // The boundary came with the creation.
            let boundary = properties.get("PermissionsBoundary").cloned();
            let before = boundary.map(|arn| ("PermissionsBoundary".to_owned(), arn));
            let subject = Subject { cx, kind: "User", name: &name };
            let set = subject.set_policies(&before.into_iter().collect(), properties).await;
            set.map_err(|fault| fault.leaving(&name))?;
            describe(cx, &name).await.map_err(|fault| fault.leaving(&name))
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let subject = Subject { cx, kind: "User", name: physical_id };
            subject.set_policies(before, desired.properties).await?;
            subject.set_tags(before, desired.properties).await?;
            describe(cx, physical_id).await
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let subject = Subject { cx, kind: "User", name: physical_id };
            subject.delete(properties).await
        })
    }
}
