//! Steps that several resource types take. Each finds what an earlier run of it did.

use serde_json::{Map, Value, json};
use service::{Fault, ResourceContext};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Properties = Map<String, Value>;

pub(super) fn text<'a>(properties: &'a Properties, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Value::as_str)
}

pub(super) fn texts(properties: &Properties, name: &str) -> BTreeSet<String> {
    let list = properties.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A policy document, which templates write as a structure.
pub(super) fn document(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// The tags of a new resource, with those by which it is known again.
pub(super) fn tags(cx: &ResourceContext, properties: &Properties) -> Value {
    let mut tags = cx.tags(properties.get("Tags"));
    tags.extend(cx.marks());
    tag_list(&tags)
}

fn tag_list(tags: &types::Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Whether a resource with these tags was created by this step.
pub(super) fn is_own(cx: &ResourceContext, tags: &Value) -> bool {
    cx.made(|name| {
        let mut tags = tags.as_array().into_iter().flatten();
        tags.find(|tag| tag["Key"] == name)?["Value"].as_str()
    })
}

/// Calls an operation for which it is no error that something is gone already.
pub(super) async fn call_unless_gone(
    cx: &ResourceContext,
    operation: &str,
    input: Value,
) -> Result<(), Fault> {
    match cx.call("iam", operation, input).await {
        Err(fault) if fault.code() != "NoSuchEntity" => Err(fault),
        _ => Ok(()),
    }
}

/// A user or role whose policies a template sets.
pub(super) struct Subject<'a> {
    pub(super) cx: &'a ResourceContext,
    /// `User` or `Role`.
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
}

impl Subject<'_> {
    fn input(&self, members: Value) -> Value {
        let mut input = members;
        input[format!("{}Name", self.kind)] = json!(self.name);
        input
    }

    async fn call(&self, before: &str, after: &str, members: Value) -> Result<(), Fault> {
        let operation = format!("{before}{}{after}", self.kind);
        self.cx.call("iam", &operation, self.input(members)).await.map(drop)
    }

    async fn undo(&self, before: &str, after: &str, members: Value) -> Result<(), Fault> {
        let operation = format!("{before}{}{after}", self.kind);
        call_unless_gone(self.cx, &operation, self.input(members)).await
    }

    pub(super) async fn attach(&self, arn: &str) -> Result<(), Fault> {
        self.call("Attach", "Policy", json!({"PolicyArn": arn})).await
    }

    pub(super) async fn detach(&self, arn: &str) -> Result<(), Fault> {
        self.undo("Detach", "Policy", json!({"PolicyArn": arn})).await
    }

    pub(super) async fn put_policy(&self, name: &str, document: &str) -> Result<(), Fault> {
        let members = json!({"PolicyName": name, "PolicyDocument": document});
        self.call("Put", "Policy", members).await
    }

    pub(super) async fn delete_policy(&self, name: &str) -> Result<(), Fault> {
        self.undo("Delete", "Policy", json!({"PolicyName": name})).await
    }

    /// Gives it the policies and the boundary that are wanted, and takes away those that only
    /// `before` had. What others gave it stays.
    pub(super) async fn set_policies(
        &self,
        before: &Properties,
        wanted: &Properties,
    ) -> Result<(), Fault> {
        let (old, new) = (texts(before, "ManagedPolicyArns"), texts(wanted, "ManagedPolicyArns"));
        for arn in old.difference(&new) {
            self.detach(arn).await?;
        }
        for arn in &new {
            self.attach(arn).await?;
        }
        let (old, new) = (inline(before), inline(wanted));
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            self.delete_policy(name).await?;
        }
        for (name, document) in &new {
            self.put_policy(name, document).await?;
        }
        self.set_boundary(text(before, "PermissionsBoundary"), text(wanted, "PermissionsBoundary"))
            .await
    }

    async fn set_boundary(&self, before: Option<&str>, wanted: Option<&str>) -> Result<(), Fault> {
        match wanted {
            Some(arn) if before != wanted => {
                self.call("Put", "PermissionsBoundary", json!({"PermissionsBoundary": arn})).await
            }
            None if before.is_some() => self.undo("Delete", "PermissionsBoundary", json!({})).await,
            _ => Ok(()),
        }
    }

    /// Adds the tags that are wanted and removes those that only `before` had.
    pub(super) async fn set_tags(
        &self,
        before: &Properties,
        wanted: &Properties,
    ) -> Result<(), Fault> {
        let (old, new) = (self.cx.tags(before.get("Tags")), self.cx.tags(wanted.get("Tags")));
        let gone: Vec<&String> = old.keys().filter(|key| !new.contains_key(*key)).collect();
        if !gone.is_empty() {
            self.call("Untag", "", json!({"TagKeys": gone})).await?;
        }
        if old != new && !new.is_empty() {
            self.call("Tag", "", json!({"Tags": tag_list(&new)})).await?;
        }
        Ok(())
    }

    /// Deletes it with the policies that its template gave it.
    pub(super) async fn delete(&self, properties: &Properties) -> Result<(), Fault> {
        for arn in texts(properties, "ManagedPolicyArns") {
            self.detach(&arn).await?;
        }
        for name in inline(properties).keys() {
            self.delete_policy(name).await?;
        }
        self.undo("Delete", "", json!({})).await
    }
}

/// The property `Policies`: names and documents.
fn inline(properties: &Properties) -> BTreeMap<String, String> {
    let list = properties.get("Policies").and_then(Value::as_array);
    let policies = list.into_iter().flatten().filter_map(|policy| {
        let name = policy["PolicyName"].as_str()?;
        Some((name.to_owned(), document(policy.get("PolicyDocument"))))
    });
    policies.collect()
}
