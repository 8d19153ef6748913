//! `AutoPublishAlias`: a version whose logical id changes with the code, and an alias to it.

use serde_json::{Map as JsonMap, Value};

use super::super::build::{self, Build};
use super::super::{Context, Sam, hash};
use crate::error::Result;
use crate::node::{Map, Node};

/// The version and the alias of a function.
pub(super) struct Published {
    pub(super) version_id: String,
    pub(super) alias_id: String,
    pub(super) alias_name: String,
    pub(super) resources: Map,
}

/// Makes version and alias; none without `AutoPublishAlias`. The function's code is changed to have
/// parameter values instead of references, as SAM does, and its description gets the code's hash.
pub(super) fn publish(
    context: &Context,
    sam: &Sam<'_>,
    function: &mut Build,
) -> Result<Option<Published>> {
    let Some(alias) = sam.filled("AutoPublishAlias") else {
        for name in ["ProvisionedConcurrencyConfig", "VersionDeletionPolicy"] {
            if let Some(node) = sam.filled(name) {
                return Err(sam.invalid(node.at, format!("'{name}' requires 'AutoPublishAlias'.")));
            }
        }
        return Ok(None);
    };
    let alias_name = alias_name(context, sam, alias)?;
    let sha = code_sha(context, sam)?;
    if let Some(sha) = &sha {
        describe(context, sam, function, sha);
    }
    if let Some(code) = function.property_mut("Code") {
        *code = context.resolved(code);
    }
    let version_id = format!("{}Version{}", sam.id, suffix(sam, function, sha));
    let alias_id = format!("{}Alias{}", sam.id, alias_name.replace('-', "D").replace('_', "U"));
    let alias = Build::new(sam, "AWS::Lambda::Alias")
        .text("Name", &alias_name)
        .set("FunctionName", build::reference(sam.at, sam.id))
        .set("FunctionVersion", build::attribute(sam.at, &version_id, "Version"))
        .maybe("ProvisionedConcurrencyConfig", sam.filled("ProvisionedConcurrencyConfig"));
    let resources = Map::from_iter([
        (version_id.clone(), version(sam)?.finish()),
        (alias_id.clone(), alias.finish()),
    ]);
    Ok(Some(Published { version_id, alias_id, alias_name, resources }))
}

fn version(sam: &Sam<'_>) -> Result<Build> {
    let mut version = Build::new(sam, "AWS::Lambda::Version")
        .set("FunctionName", build::reference(sam.at, sam.id))
        .maybe("Description", sam.get("VersionDescription"));
    if sam.resource.get("DeletionPolicy").is_none() {
        let policy = match sam.get("VersionDeletionPolicy") {
            None => Node::text(sam.at, "Retain"),
            Some(node) if matches!(node.as_str(), Some("Delete" | "Retain")) => node.clone(),
            Some(node) => {
                let message = "Property 'VersionDeletionPolicy' must be one of: Delete, Retain.";
                return Err(sam.invalid(node.at, message));
            }
        };
        version = version.attribute("DeletionPolicy", policy);
    }
    Ok(version)
}

fn alias_name(context: &Context, sam: &Sam<'_>, alias: &Node) -> Result<String> {
    let resolved = context.resolved(alias);
    let name = resolved.as_str().ok_or_else(|| {
        let message = "'AutoPublishAlias' must be a string or a Ref to a template parameter";
        sam.invalid(alias.at, message)
    })?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let numeric = name.bytes().all(|byte| byte.is_ascii_digit());
    if numeric || !name.bytes().all(allowed) {
        let message = format!(
            "AutoPublishAlias name ('{name}') must contain only alphanumeric characters, hyphens, or underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern."
        );
        return Err(sam.invalid(alias.at, message));
    }
    Ok(name.to_owned())
}

fn code_sha(context: &Context, sam: &Sam<'_>) -> Result<Option<String>> {
    let Some(node) = sam.filled("AutoPublishCodeSha256") else { return Ok(None) };
    match context.resolved(node).as_str() {
        Some(sha) => Ok(Some(sha.to_owned())),
        None => Err(sam.invalid(node.at, "AutoPublishCodeSha256 must be a string")),
    }
}

/// Appends the hash of the code to the description, so that a change of the code is a change of the
/// function.
fn describe(context: &Context, sam: &Sam<'_>, function: &mut Build, sha: &str) {
    let sha = Node::text(sam.at, sha);
    let description = match sam.filled("Description").map(|node| context.resolved(node)) {
        None => sha,
        Some(description) => match (description.as_str(), sha.as_str()) {
            (Some(text), Some(sha)) => Node::text(description.at, format!("{text} {sha}")),
            _ => {
                let at = description.at;
                let parts = Node::list(at, [description, sha]);
                Node::map(at, [("Fn::Join", Node::list(at, [Node::text(at, " "), parts]))])
            }
        },
    };
    match function.property_mut("Description") {
        Some(place) => *place = description,
        None => {
            let old = std::mem::replace(function, Build::new(sam, ""));
            *function = old.set("Description", description);
        }
    }
}

/// The suffix of the version's logical id.
fn suffix(sam: &Sam<'_>, function: &Build, sha: Option<String>) -> String {
    if let Some(mut sha) = sha.filter(|sha| !sha.is_empty()) {
        sha.truncate(10);
        return sha;
    }
    let all = Node::map(sam.at, function.properties().clone()).to_json();
    let everything = sam.get("AutoPublishAliasAllProperties").and_then(Node::as_bool);
    if everything == Some(true) {
        return hash::suffix(&all);
    }
    let mut hashed = match all.get("Code") {
        Some(Value::Object(code)) => code.clone(),
        _ => JsonMap::new(),
    };
    if let Some(Value::Object(environment)) = all.get("Environment") {
        hashed.extend(environment.clone());
    }
    if sam.filled("MemorySize").is_some() {
        hashed.extend(all.get("MemorySize").map(|size| ("MemorySize".to_owned(), size.clone())));
    }
    if let Some(snap_start) = all.get("SnapStart")
        && snap_start.get("ApplyOn").is_some_and(|apply_on| apply_on != "None")
    {
        hashed.insert("SnapStart".to_owned(), snap_start.clone());
    }
    hash::suffix(&Value::Object(hashed))
}
