//! The transform `AWS::Serverless-2016-10-31`: SAM resources become CloudFormation resources with the
//! logical ids and properties that AWS's own translator gives them (compared in `tests/it/sam.rs`).
//!
//! A SAM resource type, event type or property that is not transformed here is refused by name.
//!
//! Source: "AWS SAM resource and property reference", AWS SAM Developer Guide.

mod application;
mod build;
mod events;
mod function;
mod globals;
mod hash;
mod layer_version;
mod managed_policies;
mod policies;
mod policy_templates;
mod references;
mod resolve;
mod simple_table;
mod tags;

use std::{collections::BTreeMap, mem};

use indexmap::IndexMap;
use serde_json::Value;

use crate::document::Document;
use crate::error::{Error, Kind, Position, Result};
use crate::node::{Data, Map, Node};

/// The name of the transform.
pub(crate) const NAME: &str = "AWS::Serverless-2016-10-31";
const PREFIX: &str = "AWS::Serverless::";

/// What the resources of one template share while they are transformed.
struct Context {
    /// Parameters and `AWS::Region`, for the places where SAM looks at values.
    values: BTreeMap<String, Value>,
    partition: &'static str,
    /// The resources of the output, those that are not yet transformed among them.
    resources: Map,
    /// `Function.Alias` and the like, to the logical id that it means.
    referable: BTreeMap<(String, String), String>,
    /// Logical ids that changed.
    renamed: BTreeMap<String, String>,
    /// What is wrong so far: people are told of all of it at once.
    problems: Vec<Error>,
}

/// A SAM resource with its Globals merged in.
struct Sam<'r> {
    id: &'r str,
    at: Position,
    properties: Map,
    resource: &'r Node,
}

/// Transforms a document; its `Globals` section is used up. The answer is what SAM refuses, in its
/// words, and what is not supported, by name: one for every resource and every event that has one.
/// Those resources stay as they are.
///
/// # Errors
/// What is wrong with the document as a whole, or with the ids that are generated.
pub(crate) fn transform(
    document: &mut Document,
    given: &BTreeMap<String, String>,
    region: &str,
) -> Result<Vec<Error>> {
    let globals = globals::Globals::read(document)?;
    let original = document.section_map("Resources")?;
    let mut context = Context {
        values: resolve::values(document, given, region),
        partition: partition(region),
        resources: Map::new(),
        referable: BTreeMap::new(),
        renamed: BTreeMap::new(),
        problems: Vec::new(),
    };
    context.resources = original.clone();
    let mut made: IndexMap<String, Map> = IndexMap::new();
    for (id, resource) in &original {
        match context.resource(&globals, id, resource) {
            Ok(Some(resources)) => drop(made.insert(id.clone(), resources)),
            Ok(None) => {}
            Err(problem) => context.problems.push(problem),
        }
    }
    let problems = mem::take(&mut context.problems);
    let resources = assemble(&context, &original, made)?;
    let Some(root) = document.root_mut().as_map_mut() else { return Ok(problems) };
    root.shift_remove("Globals");
    if let Some(section) = root.get_mut("Resources") {
        section.data = Data::Map(resources);
    }
    references::rewrite(document.root_mut(), &context.renamed, &context.referable);
    Ok(problems)
}

/// Puts what was generated in the place of the SAM resource that it came from.
fn assemble(context: &Context, original: &Map, mut made: IndexMap<String, Map>) -> Result<Map> {
    let mut resources = Map::new();
    for (id, _) in original {
        let Some(generated) = made.swap_remove(id) else {
            resources.extend(context.resources.get(id).map(|node| (id.clone(), node.clone())));
            continue;
        };
        for (new, node) in generated {
            let taken = new != *id && original.contains_key(&new) || resources.contains_key(&new);
            if taken {
                let kind = node.get("Type").and_then(Node::as_str).unwrap_or_default();
                let message = format!(
                    "Transforming resource with id [{id}] attempts to create a new resource [{new}] of type \"{kind}\". A resource with that id already exists within this template. Please use a different id for that resource."
                );
                return Err(failed(node.at, message));
            }
            resources.insert(new, node);
        }
    }
    Ok(resources)
}

impl Context {
    /// The resources that replace one; none when it is not a SAM resource.
    fn resource(
        &mut self,
        globals: &globals::Globals,
        id: &str,
        resource: &Node,
    ) -> Result<Option<Map>> {
        let kind = resource.get("Type").and_then(Node::as_str).unwrap_or_default().trim();
        if let Some(connectors) = resource.get("Connectors") {
            return Err(Error::refused(
                connectors.at,
                format!("The attribute Connectors (resource {id})"),
            ));
        }
        let Some(name) = kind.strip_prefix(PREFIX) else { return Ok(None) };
        for attribute in ["CreationPolicy", "UpdatePolicy"] {
            if let Some(node) = resource.get(attribute) {
                return Err(Error::refused(
                    node.at,
                    format!("The attribute {attribute} (resource {id})"),
                ));
            }
        }
        let properties = match resource.get("Properties") {
            None => Map::new(),
            Some(node) => node.as_map().cloned().ok_or_else(|| {
                invalid(id, node.at, "Properties of a resource must be an object.")
            })?,
        };
        let properties = globals.merge(id, name, properties, resource.get("IgnoreGlobals"))?;
        let properties = without_nulls(properties);
        let sam = Sam { id, at: resource.at, properties, resource };
        let generated = match name {
            "Function" => function::transform(self, &sam)?,
            "Application" => application::transform(&sam)?,
            "SimpleTable" => simple_table::transform(&sam)?,
            "LayerVersion" => layer_version::transform(self, &sam)?,
            _ => {
                return Err(Error::refused(
                    resource.at,
                    format!("The resource type {kind} (resource {id})"),
                ));
            }
        };
        Ok(Some(generated))
    }
}

/// SAM takes an empty property for one that is not there.
fn without_nulls(mut properties: Map) -> Map {
    properties.retain(|_, node| node.data != Data::Null);
    properties
}

impl Sam<'_> {
    fn get(&self, name: &str) -> Option<&Node> {
        self.properties.get(name)
    }

    /// A property that SAM takes for missing when it is empty, zero or false.
    fn filled(&self, name: &str) -> Option<&Node> {
        self.get(name).filter(|node| is_filled(node))
    }

    /// An error about the resource in SAM's words.
    fn invalid(&self, at: Position, message: impl std::fmt::Display) -> Error {
        invalid(self.id, at, message)
    }

    /// Refuses properties outside two lists: those that are transformed, and those that SAM has and
    /// that are not supported here.
    fn only(&self, kind: &str, known: &[&str], refused: &[&str]) -> Result<()> {
        for (name, node) in &self.properties {
            if refused.contains(&name.as_str()) {
                return Err(Error::refused(
                    node.at,
                    format!("The property {name} of {kind} (resource {})", self.id),
                ));
            }
            if !known.contains(&name.as_str()) {
                let message = format!("property {name} not defined for resource of type {kind}");
                return Err(self.invalid(node.at, message));
            }
        }
        Ok(())
    }

    /// A property that must be a map.
    fn map(&self, name: &str) -> Result<Option<&Map>> {
        match self.filled(name) {
            None => Ok(None),
            Some(node) => node.as_map().map(Some).ok_or_else(|| {
                self.invalid(node.at, format!("Property '{name}' should be a map."))
            }),
        }
    }
}

fn is_filled(node: &Node) -> bool {
    match &node.data {
        Data::Null | Data::Bool(false) => false,
        Data::Bool(true) => true,
        Data::Number(number) => number.as_f64() != Some(0.0),
        Data::String(text) => !text.is_empty(),
        Data::List(items) => !items.is_empty(),
        Data::Map(map) => !map.is_empty(),
    }
}

/// An error about one resource, as CloudFormation reports it.
fn invalid(id: &str, at: Position, message: impl std::fmt::Display) -> Error {
    failed(at, format!("Resource with id [{id}] is invalid. {message}"))
}

/// An error about one event of a resource.
fn invalid_event(id: &str, event: &str, at: Position, message: impl std::fmt::Display) -> Error {
    invalid(id, at, format!("Event with id [{event}] is invalid. {message}"))
}

fn failed(at: Position, message: impl std::fmt::Display) -> Error {
    let message = format!(
        "Transform {NAME} failed with: Invalid Serverless Application Specification document. Number of errors found: 1. {message}"
    );
    Error { kind: Kind::Invalid, message, at: Some(at) }
}

fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
