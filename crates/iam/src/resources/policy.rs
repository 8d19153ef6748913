use super::steps::{Properties, Subject, document, text, texts};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use service::{
    Change::InPlace, Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};
use std::collections::BTreeSet;

/// `AWS::IAM::Policy`: one inline policy of several users and roles. `Ref` is a name that is generated.
pub(super) struct Policy;

const PROPERTIES: [Property; 4] = [
    Property { name: "PolicyName", change: InPlace },
    Property { name: "PolicyDocument", change: InPlace },
    Property { name: "Roles", change: InPlace },
    Property { name: "Users", change: InPlace },
];

/// The users and roles that a template names.
fn owners(properties: &Properties) -> BTreeSet<(&'static str, String)> {
    let of = |kind, list| texts(properties, list).into_iter().map(move |name| (kind, name));
    of("Role", "Roles").chain(of("User", "Users")).collect()
}

fn policy_name(properties: &Properties) -> &str {
    text(properties, "PolicyName").unwrap_or_default()
}

async fn put(cx: &ResourceContext, properties: &Properties) -> Result<(), Fault> {
    let document = document(properties.get("PolicyDocument"));
    for (kind, name) in owners(properties) {
        let subject = Subject { cx, kind, name: &name };
        subject.put_policy(policy_name(properties), &document).await?;
    }
    Ok(())
}

impl ResourceProvider for Policy {
    fn resource_type(&self) -> &'static str {
        "AWS::IAM::Policy"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let physical_id = desired.generated_name.to_owned();
            // Some of its owners may have it.
            put(cx, desired.properties).await.map_err(|fault| fault.leaving(&physical_id))?;
            Ok(Resource { physical_id, ..Resource::default() })
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
            put(cx, desired.properties).await?;
            let (old, new) = (policy_name(before), policy_name(desired.properties));
            let wanted = owners(desired.properties);
            for (kind, name) in owners(before) {
                if old != new || !wanted.contains(&(kind, name.clone())) {
                    Subject { cx, kind, name: &name }.delete_policy(old).await?;
                }
            }
            Ok(Resource { physical_id: physical_id.to_owned(), ..Resource::default() })
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        _physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            for (kind, name) in owners(properties) {
                let subject = Subject { cx, kind, name: &name };
                subject.delete_policy(policy_name(properties)).await?;
            }
            Ok(())
        })
    }
}
