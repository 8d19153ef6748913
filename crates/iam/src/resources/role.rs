use super::steps::{Properties, Subject, document, is_own, tags, text};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::IAM::Role`. `Ref` is the role's name.
pub(super) struct Role;

const PROPERTIES: [Property; 9] = [
    Property { name: "RoleName", change: Replace },
    Property { name: "Path", change: Replace },
    Property { name: "AssumeRolePolicyDocument", change: InPlace },
    Property { name: "Description", change: InPlace },
    Property { name: "ManagedPolicyArns", change: InPlace },
    Property { name: "MaxSessionDuration", change: InPlace },
    Property { name: "PermissionsBoundary", change: InPlace },
    Property { name: "Policies", change: InPlace },
    Property { name: "Tags", change: InPlace },
];

/// `MaxSessionDuration`, which a template may write as text.
fn max_session(properties: &Properties) -> u64 {
    let value = properties.get("MaxSessionDuration");
    let number = value.and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    number.unwrap_or(u64::from(crate::config::DEFAULT_MAX_SESSION_SECONDS))
}

fn trust(properties: &Properties) -> String {
    document(properties.get("AssumeRolePolicyDocument"))
}

async fn describe(cx: &ResourceContext, name: &str) -> Result<Resource, Fault> {
    let answer = cx.call("iam", "GetRole", json!({"RoleName": name})).await?;
    let role = &answer["Role"];
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), role["Arn"].clone());
    attributes.insert("RoleId".to_owned(), role["RoleId"].clone());
    Ok(Resource { physical_id: name.to_owned(), attributes })
}

/// Creates the role, or finds the one that an earlier run created.
async fn create_or_find(
    cx: &ResourceContext,
    name: &str,
    properties: &Properties,
) -> Result<(), Fault> {
    let mut input = json!({
        "RoleName": name,
        "Path": text(properties, "Path").unwrap_or("/"),
        "AssumeRolePolicyDocument": trust(properties),
        "MaxSessionDuration": max_session(properties),
        "Tags": tags(cx, properties),
    });
    for member in ["Description", "PermissionsBoundary"] {
        if let Some(value) = properties.get(member) {
            input[member] = value.clone();
        }
    }
    let fault = match cx.call("iam", "CreateRole", input).await {
        Err(fault) if fault.code() == "EntityAlreadyExists" => fault,
        other => return other.map(drop),
    };
    let found = cx.call("iam", "GetRole", json!({"RoleName": name})).await?;
    if is_own(cx, &found["Role"]["Tags"]) { Ok(()) } else { Err(fault) }
}

impl ResourceProvider for Role {
    fn resource_type(&self) -> &'static str {
        "AWS::IAM::Role"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "RoleId"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let properties = desired.properties;
            let name = text(properties, "RoleName").map(str::to_owned);
            let name = name.unwrap_or_else(|| desired.name_within(64));
            create_or_find(cx, &name, properties).await?;
            // The boundary came with the creation.
            let boundary = properties.get("PermissionsBoundary").cloned();
            let before = boundary.map(|arn| ("PermissionsBoundary".to_owned(), arn));
            let subject = Subject { cx, kind: "Role", name: &name };
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
            let properties = desired.properties;
            let input = json!({"RoleName": physical_id, "PolicyDocument": trust(properties)});
            cx.call("iam", "UpdateAssumeRolePolicy", input).await?;
            let input = json!({
                "RoleName": physical_id,
                "Description": text(properties, "Description").unwrap_or_default(),
                "MaxSessionDuration": max_session(properties),
            });
            cx.call("iam", "UpdateRole", input).await?;
            let subject = Subject { cx, kind: "Role", name: physical_id };
            subject.set_policies(before, properties).await?;
            subject.set_tags(before, properties).await?;
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
            let subject = Subject { cx, kind: "Role", name: physical_id };
            subject.delete(properties).await
        })
    }
}
