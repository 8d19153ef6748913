use super::steps::{Properties, Subject, call_unless_gone, document, is_own, tags, text, texts};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};
use std::collections::BTreeSet;

/// `AWS::IAM::ManagedPolicy`. `Ref` is the policy's ARN.
pub(super) struct ManagedPolicy;

const PROPERTIES: [Property; 6] = [
    Property { name: "ManagedPolicyName", change: Replace },
    Property { name: "Path", change: Replace },
    Property { name: "Description", change: Replace },
    Property { name: "PolicyDocument", change: InPlace },
    Property { name: "Roles", change: InPlace },
    Property { name: "Users", change: InPlace },
];

/// The users and roles that a template names.
fn owners(properties: &Properties) -> BTreeSet<(&'static str, String)> {
    let of = |kind, list| texts(properties, list).into_iter().map(move |name| (kind, name));
    of("Role", "Roles").chain(of("User", "Users")).collect()
}

async fn describe(cx: &ResourceContext, arn: &str) -> Result<Resource, Fault> {
    let answer = cx.call("iam", "GetPolicy", json!({"PolicyArn": arn})).await?;
    let policy = &answer["Policy"];
    let mut attributes = Map::new();
    attributes.insert("PolicyArn".to_owned(), json!(arn));
    for name in ["PolicyId", "DefaultVersionId"] {
        attributes.insert(name.to_owned(), policy[name].clone());
    }
    Ok(Resource { physical_id: arn.to_owned(), attributes })
}

/// Creates the policy, or finds the one that an earlier run created; the answer is its ARN.
async fn create_or_find(
    cx: &ResourceContext,
    name: &str,
    properties: &Properties,
) -> Result<String, Fault> {
    let path = text(properties, "Path").unwrap_or("/");
    let mut input = json!({
        "PolicyName": name,
        "Path": path,
        "PolicyDocument": document(properties.get("PolicyDocument")),
        "Tags": tags(cx, &Map::new()),
    });
    if let Some(description) = properties.get("Description") {
        input["Description"] = description.clone();
    }
    let arn = format!("arn:aws:iam::{}:policy{path}{name}", cx.account);
    let fault = match cx.call("iam", "CreatePolicy", input).await {
        Err(fault) if fault.code() == "EntityAlreadyExists" => fault,
        other => return other.map(|_| arn),
    };
    let found = cx.call("iam", "GetPolicy", json!({"PolicyArn": arn})).await;
    match found {
        Ok(found) if is_own(cx, &found["Policy"]["Tags"]) => Ok(arn),
        _ => Err(fault),
    }
}

/// Puts a document in force, as a new version. The oldest gives way if there are too many.
async fn put_version(cx: &ResourceContext, arn: &str, document: &str) -> Result<(), Fault> {
    let answer = cx.call("iam", "ListPolicyVersions", json!({"PolicyArn": arn})).await?;
    let versions: Vec<&Value> = answer["Versions"].as_array().into_iter().flatten().collect();
    if versions.len() >= crate::config::POLICY_VERSIONS {
        let oldest = versions.iter().rev().find(|version| version["IsDefaultVersion"] == false);
        if let Some(oldest) = oldest {
            let input = json!({"PolicyArn": arn, "VersionId": oldest["VersionId"]});
            call_unless_gone(cx, "DeletePolicyVersion", input).await?;
        }
    }
    let input = json!({"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": true});
    cx.call("iam", "CreatePolicyVersion", input).await.map(drop)
}

/// Deletes all versions but the one in force.
async fn delete_versions(cx: &ResourceContext, arn: &str) -> Result<(), Fault> {
    let answer = match cx.call("iam", "ListPolicyVersions", json!({"PolicyArn": arn})).await {
        Err(fault) if fault.code() == "NoSuchEntity" => return Ok(()),
        other => other?,
    };
    for version in answer["Versions"].as_array().into_iter().flatten() {
        if version["IsDefaultVersion"] == false {
            let input = json!({"PolicyArn": arn, "VersionId": version["VersionId"]});
            call_unless_gone(cx, "DeletePolicyVersion", input).await?;
        }
    }
    Ok(())
}

async fn attach(cx: &ResourceContext, arn: &str, properties: &Properties) -> Result<(), Fault> {
    for (kind, name) in owners(properties) {
        Subject { cx, kind, name: &name }.attach(arn).await?;
    }
    Ok(())
}

impl ResourceProvider for ManagedPolicy {
    fn resource_type(&self) -> &'static str {
        "AWS::IAM::ManagedPolicy"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["DefaultVersionId", "PolicyArn", "PolicyId"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let properties = desired.properties;
            let name = text(properties, "ManagedPolicyName").map(str::to_owned);
            let name = name.unwrap_or_else(|| desired.name_within(128));
            let arn = create_or_find(cx, &name, properties).await?;
            attach(cx, &arn, properties).await.map_err(|fault| fault.leaving(&arn))?;
            describe(cx, &arn).await.map_err(|fault| fault.leaving(&arn))
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
            let properties = desired.properties;
            let (old, new) = (before.get("PolicyDocument"), properties.get("PolicyDocument"));
            if old != new {
                put_version(cx, physical_id, &document(new)).await?;
            }
            let wanted = owners(properties);
            for (kind, name) in owners(before).difference(&wanted) {
                Subject { cx, kind, name }.detach(physical_id).await?;
            }
            attach(cx, physical_id, properties).await?;
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
            for (kind, name) in owners(properties) {
                Subject { cx, kind, name: &name }.detach(physical_id).await?;
            }
            delete_versions(cx, physical_id).await?;
            call_unless_gone(cx, "DeletePolicy", json!({"PolicyArn": physical_id})).await
        })
    }
}
