//! Looks for everything that cannot be had, before anything is created.

use crate::{
    Error,
    providers::{self, Providers},
    scope::Unbuilt,
};
use serde_json::{Map, Value};
use service::ResourceProvider;
use std::collections::BTreeSet;
use template::{Bound, DeletionPolicy, Node, Position, Resource};

/// Checks every resource and output. The answer are the names of the exports that are imported.
///
/// # Errors
/// `ValidationError` with all problems, each with resource, property and line.
pub(crate) fn check(bound: &Bound, providers: &Providers) -> Result<BTreeSet<String>, Error> {
    bound.graph()?;
    let scope = Unbuilt::new(bound.template(), providers);
    let mut problems = Vec::new();
    for (id, resource) in bound.resources() {
        if let Err(problem) = policies(id, resource) {
            problems.push(problem);
        }
        match providers.get(&resource.kind) {
            None => problems.push(problem(
                resource.at,
                format!("resource {id}: the resource type {} is not supported", resource.kind),
            )),
            Some(provider) => {
                problems.extend(names(id, resource, provider.as_ref()));
                problems.extend(values(bound, id, resource, provider.as_ref(), &scope).err());
            }
        }
    }
    for (name, output) in bound.outputs() {
        let nodes = [Some(&output.value), output.export.as_ref()];
        for node in nodes.into_iter().flatten() {
            let result = bound.evaluate(node, &scope);
            problems.extend(result.err().map(|error| format!("output {name}: {error}")));
        }
    }
    match problems.len() {
        0 => Ok(scope.imports()),
        1 => Err(Error::validation(format!("Template error: {}", problems[0]))),
        count => {
            let list = problems.join("\n- ");
            Err(Error::validation(format!("Template error: {count} problems:\n- {list}")))
        }
    }
}

fn problem(at: Position, text: String) -> String {
    format!("{text} ({at})")
}

fn policies(id: &str, resource: &Resource) -> Result<(), String> {
    let snapshot = |policy| policy == DeletionPolicy::Snapshot;
    for (name, policy) in [
        ("DeletionPolicy", resource.deletion_policy),
        ("UpdateReplacePolicy", resource.update_replace_policy),
    ] {
        if snapshot(policy) {
            let text = format!("resource {id}: {name} Snapshot is not supported");
            return Err(problem(resource.at, text));
        }
    }
    Ok(())
}

fn names(id: &str, resource: &Resource, provider: &dyn ResourceProvider) -> Vec<String> {
    let unknown = resource
        .properties
        .iter()
        .filter(|(name, _)| providers::property(provider, name).is_none());
    unknown
        .map(|(name, node)| {
            let kind = &resource.kind;
            problem(
                node.at,
                format!("resource {id}: the property {name} of {kind} is not supported"),
            )
        })
        .collect()
}

fn values(
    bound: &Bound,
    id: &str,
    resource: &Resource,
    provider: &dyn ResourceProvider,
    scope: &Unbuilt<'_>,
) -> Result<(), String> {
    let evaluated =
        bound.properties(id, scope).map_err(|error| format!("resource {id}: {error}"))?;
    let known: Map<String, Value> = evaluated
        .into_iter()
        .filter_map(|(name, evaluated)| Some((name, known(evaluated.value)?)))
        .collect();
    provider.check(&known).map_err(|error| {
        let at = place(resource, &error.path);
        problem(at, format!("resource {id}: property {}: {}", error.path, error.message))
    })
}

/// What is known of a value; what refers to something that does not exist yet is left out.
fn known(value: Value) -> Option<Value> {
    match value {
        Value::String(text) if text.contains("{{unknown:") => None,
        Value::Array(items) => Some(items.into_iter().filter_map(known).collect()),
        Value::Object(map) => Some(Value::Object(
            map.into_iter().filter_map(|(name, item)| Some((name, known(item)?))).collect(),
        )),
        other => Some(other),
    }
}

/// The place of a path of properties, or of its deepest part that the template has.
fn place(resource: &Resource, path: &str) -> Position {
    let mut parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
    let Some(first) = parts.next().and_then(|name| resource.properties.get(name)) else {
        return resource.at;
    };
    let mut node: &Node = first;
    for part in parts {
        let index = part.parse::<usize>().ok();
        let item = index.and_then(|index| node.as_list()?.get(index)).or_else(|| node.get(part));
        match item {
            Some(item) => node = item,
            None => break,
        }
    }
    node.at
}
