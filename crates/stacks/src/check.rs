//! Looks for everything that cannot be had, before anything is created.

use crate::{Error, providers::Providers, scope::Unbuilt};
use serde_json::{Map, Value};
use service::ResourceProvider;
use std::collections::{BTreeMap, BTreeSet};
use template::{
    Bound, Data, DeletionPolicy, Document, Node, Position, Resource, UNKNOWN_REFERENCE, transform,
};

/// How the types begin that the SAM transform makes others of.
const SAM: &str = "AWS::Serverless::";

/// What a template refers to outside of itself.
pub(crate) struct Outside {
    /// The exports that it imports.
    pub(crate) imports: BTreeSet<String>,
    /// The names of the dynamic references that are not looked up.
    pub(crate) references: BTreeSet<String>,
}

/// Checks every resource and output.
///
/// # Errors
/// `ValidationError` with all problems, each with resource, property and line.
pub(crate) fn check(bound: &Bound, providers: &Providers) -> Result<Outside, Error> {
    bound.graph()?;
    let scope = Unbuilt::new(bound.template(), providers);
    let (mut problems, mut unknown) = (Vec::new(), BTreeSet::new());
    for (id, resource) in bound.resources() {
        if let Err(problem) = policies(id, resource) {
            problems.push(problem);
        }
        let asked =
            Asked { id, kind: &resource.kind, properties: &resource.properties, at: resource.at };
        match providers.get(&resource.kind) {
            None => problems.push(asked.unsupported()),
            Some(provider) => {
                problems.extend(asked.names(provider.as_ref()));
                let values = values(bound, &asked, provider.as_ref(), &scope, &mut unknown);
                problems.extend(values.err());
            }
        }
    }
    for (name, output) in bound.outputs() {
        let nodes = [Some(&output.value), output.export.as_ref()];
        for node in nodes.into_iter().flatten() {
            match bound.evaluate(node, &scope) {
                Ok(evaluated) => unknown.extend(evaluated.unknown),
                Err(error) => problems.push(format!("output {name}: {error}")),
            }
        }
    }
    let references = unknown.iter().filter_map(|name| name.strip_prefix(UNKNOWN_REFERENCE));
    let references = references.map(str::to_owned).collect();
    list(&problems).map_or_else(|| Ok(Outside { imports: scope.imports(), references }), Err)
}

/// All problems as one error.
fn list(problems: &[String]) -> Option<Error> {
    let text = match problems {
        [] => return None,
        [only] => format!("Template error: {only}"),
        [..] => {
            let count = problems.len();
            format!("Template error: {count} problems:\n- {}", problems.join("\n- "))
        }
    };
    Some(Error::validation(text))
}

/// Everything that is refused of a template that the SAM transform refuses: what it says of each of
/// its resources, and what can be seen of the others without evaluating anything. `None` if it says
/// the only thing, or something else is wrong with the template.
pub(crate) fn refused(
    text: &str,
    parameters: &BTreeMap<String, String>,
    region: &str,
    providers: &Providers,
) -> Option<Error> {
    let document = Document::parse(text).ok()?;
    let inputs = transform::Inputs { parameters, region, includes: None };
    let (rest, refused) = transform::survey(document, &inputs).ok()?;
    let mut problems: Vec<String> = refused.iter().map(ToString::to_string).collect();
    problems.extend(at_sight(&rest, providers));
    list(&problems).filter(|_| !refused.is_empty() && problems.len() > 1)
}

/// What can be seen of a template whose parameters have no values.
///
/// # Errors
/// `ValidationError` with all problems, each with resource, property and line.
pub(crate) fn check_at_sight(document: &Document, providers: &Providers) -> Result<(), Error> {
    list(&at_sight(document, providers)).map_or(Ok(()), Err)
}

/// Types, properties and values that are not supported, as far as they are written out. Of what
/// exists under a condition nothing is known.
fn at_sight(document: &Document, providers: &Providers) -> Vec<String> {
    let mut problems = Vec::new();
    for (id, node) in &document.section_map("Resources").unwrap_or_default() {
        let kind = node.get("Type").and_then(Node::as_str).unwrap_or(SAM);
        if kind.starts_with(SAM) || node.get("Condition").is_some() {
            continue;
        }
        let none = template::Map::new();
        let properties = node.get("Properties").and_then(Node::as_map).unwrap_or(&none);
        let asked = Asked { id, kind, properties, at: node.at };
        let Some(provider) = providers.get(kind) else {
            problems.push(asked.unsupported());
            continue;
        };
        problems.extend(asked.names(provider.as_ref()));
        let written = properties.iter();
        let written = written.filter_map(|(name, node)| Some((name.clone(), literal(node)?)));
        problems.extend(asked.check(provider.as_ref(), &written.collect()).err());
    }
    problems
}

/// What a node says without what functions and dynamic references make.
fn literal(node: &Node) -> Option<Value> {
    let is_reference = node.as_str().is_some_and(|text| text.contains("{{resolve:"));
    if node.intrinsic().is_some() || is_reference {
        return None;
    }
    Some(match &node.data {
        Data::List(items) => items.iter().filter_map(literal).collect(),
        Data::Map(map) => Value::Object(
            map.iter().filter_map(|(name, node)| Some((name.clone(), literal(node)?))).collect(),
        ),
        _ => node.to_json(),
    })
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

/// A resource that a template asks for.
struct Asked<'a> {
    id: &'a str,
    kind: &'a str,
    properties: &'a template::Map,
    at: Position,
}

impl Asked<'_> {
    fn unsupported(&self) -> String {
        let Self { id, kind, .. } = self;
        problem(self.at, format!("resource {id}: the resource type {kind} is not supported"))
    }

    /// The properties that the type does not have.
    fn names(&self, provider: &dyn ResourceProvider) -> Vec<String> {
        let Self { id, kind, .. } = self;
        let unknown = self.properties.iter().filter(|(name, _)| provider.change(name).is_none());
        let text = |(name, node): (&String, &Node)| {
            let text = format!("resource {id}: the property {name} of {kind} is not supported");
            problem(node.at, text)
        };
        unknown.map(text).collect()
    }

    /// What the type itself says of what is known.
    fn check(
        &self,
        provider: &dyn ResourceProvider,
        known: &Map<String, Value>,
    ) -> Result<(), String> {
        provider.check(known).map_err(|error| {
            let text = format!("resource {}: property {}: {}", self.id, error.path, error.message);
            problem(self.place(&error.path), text)
        })
    }

    /// The place of a path of properties, or of its deepest part that the template has.
    fn place(&self, path: &str) -> Position {
        let mut parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
        let Some(first) = parts.next().and_then(|name| self.properties.get(name)) else {
            return self.at;
        };
        let mut node: &Node = first;
        for part in parts {
            let index = part.parse::<usize>().ok();
            let item = index.and_then(|index| node.as_list()?.get(index));
            match item.or_else(|| node.get(part)) {
                Some(item) => node = item,
                None => break,
            }
        }
        node.at
    }
}

fn values(
    bound: &Bound,
    asked: &Asked<'_>,
    provider: &dyn ResourceProvider,
    scope: &Unbuilt<'_>,
    unknown: &mut BTreeSet<String>,
) -> Result<(), String> {
    let id = asked.id;
    let evaluated =
        bound.properties(id, scope).map_err(|error| format!("resource {id}: {error}"))?;
    unknown.extend(evaluated.values().flat_map(|evaluated| evaluated.unknown.iter().cloned()));
    let known: Map<String, Value> = evaluated
        .into_iter()
        .filter_map(|(name, evaluated)| Some((name, known(evaluated.value)?)))
        .collect();
    asked.check(provider, &known)
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
