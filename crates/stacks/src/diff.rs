//! What a deployment would change.

use crate::{
    Error,
    model::{Act, Incarnation, ResourceRecord},
    providers::{self, Providers},
    scope::Existing,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::ResourceProvider;
use std::collections::{BTreeMap, BTreeSet};
use template::{Bound, Evaluated};
use types::Tags;

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    Add,
    Modify,
    Remove,
}

/// Whether a changed resource is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Replacement {
    True,
    False,
    Conditional,
}

/// A property that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// The property; `None` for the stack's tags.
    pub(crate) property: Option<String>,
    /// Whether the change makes a new resource necessary.
    pub(crate) recreates: bool,
    /// False if the new value is only known once something else has changed.
    pub(crate) is_static: bool,
    /// True if nothing is known to change, and it is looked at all the same.
    #[serde(default)]
    pub(crate) automatic: bool,
}

/// A resource that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResourceChange {
    pub(crate) action: Action,
    pub(crate) logical_id: String,
    pub(crate) physical_id: Option<String>,
    pub(crate) kind: String,
    pub(crate) replacement: Option<Replacement>,
    pub(crate) details: Vec<Detail>,
}

/// What properties become, as far as it is known before anything is done.
pub(crate) type Wanted = IndexMap<String, Evaluated>;

/// The changes that `bound` makes to what there is.
pub(crate) fn changes(
    bound: &Bound,
    providers: &Providers,
    records: &BTreeMap<String, ResourceRecord>,
    exports: BTreeMap<String, String>,
    tags: &Tags,
) -> Result<Vec<ResourceChange>, Error> {
    let changes = with_values(bound, providers, records, exports, tags)?;
    Ok(changes.into_iter().map(|(change, _)| change).collect())
}

/// The changes with what the properties of each resource become, if it stays.
pub(crate) fn with_values(
    bound: &Bound,
    providers: &Providers,
    records: &BTreeMap<String, ResourceRecord>,
    exports: BTreeMap<String, String>,
    tags: &Tags,
) -> Result<Vec<(ResourceChange, Wanted)>, Error> {
    let mut scope = Existing::new(exports);
    let mut changes = Vec::new();
    let graph = bound.graph()?;
    for id in graph.order() {
        let Some(resource) = bound.template().resources.get(id) else { continue };
        let live = records.get(id).and_then(|record| record.live.as_ref());
        let wanted = bound.properties(id, &scope)?;
        let Some(live) = live else {
            changes.push((change(Action::Add, id, None, &resource.kind), wanted));
            continue;
        };
        let mut modified = change(Action::Modify, id, Some(live), &resource.kind);
        let provider = providers.get(&resource.kind);
        match provider.filter(|_| live.kind == resource.kind) {
            None => modified.replacement = Some(Replacement::True),
            Some(provider) => {
                modified.details = details(live, &wanted, provider.as_ref(), tags);
                modified.replacement = Some(replacement(&modified.details));
            }
        }
        if modified.replacement == Some(Replacement::False) {
            scope.insert(id, live);
            if modified.details.is_empty() {
                continue;
            }
        }
        changes.push((modified, wanted));
    }
    let kept: BTreeSet<&str> = bound.resources().map(|(id, _)| id).collect();
    for (id, record) in records {
        if let Some(live) = record.live.as_ref().filter(|_| !kept.contains(id.as_str())) {
            let removed = change(Action::Remove, id, Some(live), &live.kind);
            changes.push((removed, Wanted::new()));
        }
    }
    Ok(changes)
}

fn change(action: Action, id: &str, live: Option<&Incarnation>, kind: &str) -> ResourceChange {
    ResourceChange {
        action,
        logical_id: id.to_owned(),
        physical_id: live.map(|live| live.physical_id.clone()),
        kind: kind.to_owned(),
        replacement: None,
        details: Vec::new(),
    }
}

fn replacement(details: &[Detail]) -> Replacement {
    if details.iter().any(|detail| detail.recreates && detail.is_static) {
        Replacement::True
    } else if details.iter().any(|detail| detail.recreates) {
        Replacement::Conditional
    } else {
        Replacement::False
    }
}

fn details<'a>(
    live: &'a Incarnation,
    wanted: &'a Wanted,
    provider: &dyn ResourceProvider,
    tags: &Tags,
) -> Vec<Detail> {
    let mut names: BTreeSet<&'a str> = live.properties.keys().map(String::as_str).collect();
    names.extend(wanted.keys().map(String::as_str));
    let mut details: Vec<Detail> = names
        .into_iter()
        .filter_map(|name| {
            let new = wanted.get(name);
            let is_static = new.is_none_or(Evaluated::is_known);
            let same = match (live.properties.get(name), new) {
                (Some(old), Some(new)) => is_static && same(old, &new.value),
                _ => false,
            };
            (!same).then(|| Detail {
                property: Some(name.to_owned()),
                recreates: providers::replaces(provider, name),
                is_static,
                automatic: false,
            })
        })
        .collect();
    let detail = Detail { property: None, recreates: false, is_static: true, automatic: false };
    if live.tags != *tags && providers::has_tags(provider) {
        details.push(detail.clone());
    }
    if provider.is_always_updated() {
        details.push(Detail { is_static: false, automatic: true, ..detail });
    }
    details
}

/// What the engine does to a resource, given its final properties.
pub(crate) fn act(
    live: Option<&Incarnation>,
    kind: &str,
    properties: &Map<String, Value>,
    provider: &dyn ResourceProvider,
    tags: &Tags,
) -> Act {
    let Some(live) = live else { return Act::Create };
    if live.kind != kind {
        return Act::Replace;
    }
    let names = live.properties.keys().chain(properties.keys());
    let changed: BTreeSet<&String> = names
        .filter(|name| match (live.properties.get(*name), properties.get(*name)) {
            (Some(old), Some(new)) => !same(old, new),
            _ => true,
        })
        .collect();
    if changed.iter().any(|name| providers::replaces(provider, name)) {
        Act::Replace
    } else if !changed.is_empty()
        || (live.tags != *tags && providers::has_tags(provider))
        || provider.is_always_updated()
    {
        Act::Update
    } else {
        Act::Keep
    }
}

/// Whether two values mean the same: CloudFormation does not distinguish `1` from `"1"`.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|o| same(one, o)))
        }
        _ => one == other || scalar(one).is_some_and(|one| scalar(other) == Some(one)),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
