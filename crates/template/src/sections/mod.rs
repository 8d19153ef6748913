//! The sections of a template, read and checked.

mod output;
mod parameter;
mod resource;
mod rule;

pub use output::Output;
pub use parameter::{Parameter, ParameterType};
pub use resource::{DeletionPolicy, Resource};
pub use rule::Rule;

use indexmap::IndexMap;

use crate::document::Document;
use crate::error::{Error, Position, Result};
use crate::limits;
use crate::node::{Map, Node};

/// The sections that a template may have.
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
];

/// A template whose sections are well formed and whose references point to something. Transforms
/// have been applied before.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The description, empty if there is none.
    pub description: String,
    /// The metadata section.
    pub metadata: Option<Node>,
    /// The parameters by name, in the order of the text.
    pub parameters: IndexMap<String, Parameter>,
    /// What must be true of the parameters, by name.
    pub rules: IndexMap<String, Rule>,
    /// Mapping name, then top-level key, then second-level key.
    pub mappings: Map,
    /// Condition functions by name.
    pub conditions: Map,
    /// The resources by logical id, in the order of the text.
    pub resources: IndexMap<String, Resource>,
    /// The outputs by name, in the order of the text.
    pub outputs: IndexMap<String, Output>,
}

impl Template {
    /// Reads the sections of a document to which transforms have been applied.
    ///
    /// # Errors
    /// What is malformed, exceeds a limit, refers to nothing, or is not supported.
    pub fn read(document: &Document) -> Result<Self> {
        check_sections(document)?;
        let template = Self {
            description: description(document)?,
            metadata: document.section("Metadata").cloned(),
            parameters: parameters(document)?,
            rules: section(document, "Rules", limits::RULES, Rule::read)?,
            mappings: section(document, "Mappings", limits::MAPPINGS, mapping)?,
            conditions: section(document, "Conditions", limits::RESOURCES, condition)?,
            resources: section(document, "Resources", limits::RESOURCES, Resource::read)?,
            outputs: section(document, "Outputs", limits::OUTPUTS, Output::read)?,
        };
        if template.resources.is_empty() {
            let at = document.section("Resources").unwrap_or(document.root()).at;
            let message = "Template format error: At least one Resources member must be defined.";
            return Err(Error::invalid(at, message));
        }
        crate::references::check(&template)?;
        Ok(template)
    }
}

/// The parameters of a document.
pub(crate) fn parameters(document: &Document) -> Result<IndexMap<String, Parameter>> {
    section(document, "Parameters", limits::PARAMETERS, Parameter::read)
}

fn check_sections(document: &Document) -> Result<()> {
    let entries = document.root().as_map().into_iter().flatten();
    for (name, node) in entries {
        if !SECTIONS.contains(&name.as_str()) {
            let message = format!("Invalid template property or properties [{name}]");
            return Err(Error::invalid(node.at, message));
        }
        if name == "AWSTemplateFormatVersion" && node.as_str() != Some("2010-09-09") {
            let message = "Template format error: Unsupported template version.";
            return Err(Error::invalid(node.at, message));
        }
    }
    match document.transforms()?.first() {
        Some((name, at)) => Err(Error::refused(*at, format!("The transform {name}"))),
        None => Ok(()),
    }
}

fn description(document: &Document) -> Result<String> {
    let Some(node) = document.section("Description") else { return Ok(String::new()) };
    match node.as_str() {
        Some(text) if text.len() <= 1024 => Ok(text.to_owned()),
        Some(_) => {
            let message = "Template format error: 'Description' length is greater than 1024.";
            Err(Error::limit(node.at, message))
        }
        None => {
            let message = "Template format error: every Description member must be a string.";
            Err(Error::invalid(node.at, message))
        }
    }
}

/// Reads the entries of a section whose names are alphanumeric and whose number is bounded.
fn section<T>(
    document: &Document,
    name: &str,
    max: usize,
    read: impl Fn(&str, &Node) -> Result<T>,
) -> Result<IndexMap<String, T>> {
    let map = document.section_map(name)?;
    if let (true, Some(node)) = (map.len() > max, document.section(name)) {
        let kind = name.to_lowercase();
        let count = map.len();
        let message = format!(
            "Template format error: Number of {kind}, {count}, is greater than maximum allowed, {max}"
        );
        return Err(Error::limit(node.at, message));
    }
    map.iter()
        .map(|(key, node)| {
            alphanumeric(name, key, node.at)?;
            no_nulls(&format!("/{name}/{key}"), node)?;
            Ok((key.clone(), read(key, node)?))
        })
        .collect()
}

fn alphanumeric(section: &str, key: &str, at: Position) -> Result<()> {
    if !key.is_empty() && key.len() <= 255 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let message = format!("Template format error: {section} name '{key}' is non alphanumeric.");
    Err(Error::invalid(at, message))
}

fn no_nulls(path: &str, node: &Node) -> Result<()> {
    use crate::node::Data;
    match &node.data {
        Data::Null => {
            let message = format!(
                "Template format error: [{path}] 'null' values are not allowed in templates"
            );
            Err(Error::invalid(node.at, message))
        }
        Data::List(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| no_nulls(&format!("{path}/{index}"), item)),
        Data::Map(map) => {
            map.iter().try_for_each(|(key, item)| no_nulls(&format!("{path}/{key}"), item))
        }
        _ => Ok(()),
    }
}

/// Checks one mapping: two levels of keys, then a scalar or a list of scalars.
fn mapping(name: &str, node: &Node) -> Result<Node> {
    let malformed = |at| {
        let message = format!(
            "Template format error: Every Mappings attribute must be a String or a List. Mapping: {name}"
        );
        Error::invalid(at, message)
    };
    for top in node.as_map().ok_or_else(|| malformed(node.at))?.values() {
        for value in top.as_map().ok_or_else(|| malformed(top.at))?.values() {
            let items = value.as_list().unwrap_or(std::slice::from_ref(value));
            if items.iter().any(|item| item.scalar_text().is_none()) {
                return Err(malformed(value.at));
            }
        }
    }
    Ok(node.clone())
}

fn condition(name: &str, node: &Node) -> Result<Node> {
    if node.intrinsic().is_some() {
        return Ok(node.clone());
    }
    let message = format!(
        "Template format error: Conditions can only be boolean operations on parameters and other conditions. Condition: {name}"
    );
    Err(Error::invalid(node.at, message))
}

/// Refuses an entry that is not in a list of known names.
fn known_entries(node: &Node, what: &str, known: &[&str]) -> Result<()> {
    let unknown =
        node.as_map().into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str()));
    match unknown {
        None => Ok(()),
        Some((key, value)) => {
            Err(Error::invalid(value.at, format!("Invalid template {what} property '{key}'")))
        }
    }
}
